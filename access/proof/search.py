"""The search for a request that breaks a claim, or for the certainty that there is none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from access.evaluator import evaluate, holds
from access.meaning.formula import FALSE, TRUE, Formula, Not, Present, atoms, every
from access.meaning.semantics import ruling
from access.proof import smt
from access.proof.axioms import cases, is_single_valued, ways
from access.proof.claims import Sought
from access.proof.counterexample import preferences, request_from, told
from access.proof.protected import Protected
from access.proof.shape import Shape
from access.proof.smt import Answer, Model, Truth
from access.proof.specialise import Known, fixed, specialised, unresolved
from access.proof.symbolic import SymbolicRequest
from access.request import Facts, Request

_CALLER: Final = frozenset(
    {
        *("aws:principalaccount", "principal.path", "principal.name", "principal.issuer-name"),
        "aws:principalservicename",
    }
)
"""What several requests of one caller have in common. All sessions of a role are one caller."""


class Verdict(StrEnum):
    """What became of a claim, or of one of its questions."""

    PROVEN = "proven"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Found:
    """What became of a question.

    Args:
        verdict: Whether it is proven that there are no such requests, or there are, or neither is known.
        requests: The requests, when there are such.
        told: The requests, or why nothing is known, in words.
    """

    verdict: Verdict
    requests: tuple[Request, ...] = ()
    told: str = ""


@dataclass(frozen=True)
class Search:
    """Looks for requests of one caller that are all as sought, whatever kind of caller that is.

    Args:
        protected: The queues it is about.
        seconds: How long the solver may think at a time.
    """

    protected: Protected
    seconds: float

    def answer(self, question: Sequence[Sought]) -> Answer:
        """Whether there can be such requests, as far as the solver knows.

        Raises:
            MalformedDocumentError: When a policy says what cannot be understood.
        """
        answers = {smt.ask(attempt.required, seconds=self.seconds)[0] for attempt in self._attempts(question)}
        if Answer.SATISFIABLE in answers:
            return Answer.SATISFIABLE
        return Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.UNSATISFIABLE

    def found(self, question: Sequence[Sought]) -> Found:
        """What becomes of the question.

        Raises:
            MalformedDocumentError: When a policy says what cannot be understood.
        """
        undecided = ""
        for attempt in self._attempts(question):
            answer, model = smt.ask(attempt.required, seconds=self.seconds)
            if model:
                found = _confirmed(question, attempt.plainest(model, self._preferences, self.seconds))
                if found.verdict is Verdict.FALSE:
                    return found
                undecided = undecided or attempt.not_asked or found.told
            if answer is Answer.UNKNOWN:
                undecided = undecided or f"the solver came to no end within {self.seconds:g} seconds"
        return Found(Verdict.UNDECIDED, told=undecided) if undecided else Found(Verdict.PROVEN)

    def _attempts(self, question: Sequence[Sought]) -> Iterator["_Attempt"]:
        """The question for one kind of caller after the other, where it is not answered by the kind alone."""
        partition, account_id = self.protected.queue_arn.split(":")[1], self.protected.account_id
        always = every(
            ways({self.protected.vpc_endpoint_id: self.protected.vpc_id}), Present("action"), Present("resource")
        )
        wanted = [every(_wanted(sought), always) for sought in question]
        seen = set[tuple[Formula, ...]]()  # some kinds differ in nothing that is asked
        for case in cases(partition):
            known = [case.known.and_texts({"aws:resourceaccount": account_id, **fixed(one.facts)}) for one in question]
            formulas = tuple(
                specialised(every(formula, case.further), its) for formula, its in zip(wanted, known, strict=True)
            )
            if FALSE not in formulas and formulas not in seen:
                seen.add(formulas)
                yield _Attempt(known, formulas)

    @property
    def _preferences(self) -> tuple[Formula, ...]:
        return preferences(self.protected)


def _wanted(sought: Sought) -> Formula:
    allowed = ruling(sought.policies).allowed
    return every(sought.facts, allowed if sought.allowed else Not(allowed))


class _Attempt:
    """Requests of one kind of caller, for the solver to choose."""

    def __init__(self, known: Sequence[Known], wanted: Sequence[Formula]) -> None:
        formulas = [every(formula, its.looks) for formula, its in zip(wanted, known, strict=True)]
        self._known = known
        self._shape = Shape.of(formulas, single=is_single_valued)
        self._symbols = [
            SymbolicRequest(self._shape, f"request {number}", common=_CALLER) for number in range(len(formulas))
        ]
        self.required = [
            part
            for symbol, formula in zip(self._symbols, formulas, strict=True)
            for part in (symbol.well_formed, symbol.truth(formula))
        ]

    @property
    def not_asked(self) -> str:
        """What the solver was not asked, in words, though a policy asks it; empty for nothing."""
        return "".join(f"the solver was not asked: {why}" for why in [*unresolved(self._shape.slots).values()][:1])

    def plainest(self, model: Model, preferred: Iterable[Formula], seconds: float) -> list[Facts]:
        """The facts of the requests, with as much as possible as a reader would expect it.

        It is tried all at once, then half by half, for most of it can be had.
        """
        truths = [
            symbol.truth(still_open)
            for preference in preferred
            for symbol, its in zip(self._symbols, self._known, strict=True)
            if (still_open := specialised(preference, its)) not in (TRUE, FALSE) and self._asks_of(still_open)
        ]
        _, plain = _as_many(self.required, truths, seconds)
        chosen = [symbol.chosen(plain or model) for symbol in self._symbols]
        asked = [{fact: facts[fact] for fact in facts if fact not in unresolved(facts)} for facts in chosen]
        return [facts | its.texts(facts) for facts, its in zip(asked, self._known, strict=True)]

    def _asks_of(self, formula: Formula) -> bool:
        return all(atom.fact in self._shape.slots for atom in atoms(formula))


def _as_many(required: list[Truth], preferred: list[Truth], seconds: float) -> tuple[list[Truth], Model | None]:
    """As many of the preferred truths as there can be, the first before the rest, and a model with them."""
    _, model = smt.ask([*required, *preferred], seconds=seconds)
    if model:
        return [*required, *preferred], model
    if len(preferred) <= 1:
        return required, None
    middle = len(preferred) // 2
    required, first = _as_many(required, preferred[:middle], seconds)
    required, second = _as_many(required, preferred[middle:], seconds)
    return required, second or first


def _confirmed(question: Sequence[Sought], chosen: Sequence[Facts]) -> Found:
    """The solver's requests, if they are requests and the evaluator says of them what the solver does."""
    requests: list[Request] = []
    sentences: list[str] = []
    for sought, facts in zip(question, chosen, strict=True):
        try:
            request = request_from(facts)
        except ValueError as error:
            return Found(Verdict.UNDECIDED, told=f"what the solver found is no request: {error}")
        decision = evaluate(sought.policies, request)
        if decision.allowed is not sought.allowed or not holds(sought.facts, request.facts):
            return Found(Verdict.UNDECIDED, told=f"the evaluator does not confirm what the solver found: {facts}")
        requests.append(request)
        sentences.append(told(sought, request))
    return Found(Verdict.FALSE, tuple(requests), "; and ".join(sentences))
