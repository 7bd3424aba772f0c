"""The search for a request that breaks a claim, or for the certainty that there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from access import smt
from access.axioms import SINGLE_VALUED, axioms
from access.claims import Sought
from access.counterexample import preferences, request_from, told
from access.evaluator import evaluate, holds
from access.formula import Formula, Present, atoms, every, is_text
from access.policy import PolicySet
from access.protected import Protected
from access.request import Facts, Request
from access.semantics import ruling
from access.shape import Shape
from access.smt import Answer, Model, Truth
from access.symbolic import SymbolicRequest

_CALLER: Final = ("principal.kind", "principal.issuer", "aws:principalarn", "aws:principalservicename")
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


class Search:
    """Looks for requests of one caller that are all as sought.

    Args:
        protected: The queues it is about.
        questions: All that will be asked.
        seconds: How long the solver may think at a time.

    Raises:
        MalformedDocumentError: When a policy says what cannot be understood.
    """

    def __init__(self, protected: Protected, questions: Sequence[Sequence[Sought]], *, seconds: float) -> None:
        self._seconds = seconds
        always = every(
            axioms(
                partition=protected.queue_arn.split(":")[1],
                endpoints={protected.vpc_endpoint_id: protected.vpc_id},
            ),
            is_text("aws:resourceaccount", protected.account_id),
            Present("action"),
            Present("resource"),
        )
        allowed = {one.policies: ruling(one.policies).allowed for question in questions for one in question}
        facts = [one.facts for question in questions for one in question]
        self._shape = Shape.of((always, *allowed.values(), *facts), single=SINGLE_VALUED)
        self._preferences = preferences(protected, self._shape.slots.keys() - {atom.fact for atom in atoms(always)})
        self._requests = [
            _Free(SymbolicRequest(self._shape, f"request {number}", common=_CALLER), always, allowed)
            for number in range(max(map(len, questions)))
        ]

    def found(self, question: Sequence[Sought]) -> Found:
        """What becomes of one of the questions."""
        free = self._requests[: len(question)]
        required = [part for one, sought in zip(free, question, strict=True) for part in one.is_as(sought)]
        answer, model = smt.ask(required, seconds=self._seconds)
        if answer is Answer.UNSATISFIABLE:
            return Found(Verdict.PROVEN)
        if model is None:
            return Found(Verdict.UNDECIDED, told=f"the solver came to no end within {self._seconds:g} seconds")
        preferred = [one.symbol.truth(preference) for preference in self._preferences for one in free]
        _, plain = self._plain(required, preferred)
        return _confirmed(question, [one.symbol.chosen(plain or model) for one in free])

    def _plain(self, required: list[Truth], preferred: list[Truth]) -> tuple[list[Truth], Model | None]:
        """As much of what is preferred as there can be, the first before the rest, and a model with it.

        It is tried all at once, then half by half, for most of it can be had.
        """
        _, model = smt.ask([*required, *preferred], seconds=self._seconds)
        if model:
            return [*required, *preferred], model
        if len(preferred) == 1:
            return required, None
        middle = len(preferred) // 2
        required, first = self._plain(required, preferred[:middle])
        required, second = self._plain(required, preferred[middle:])
        return required, second or first


class _Free:
    """One request that the solver is free to choose."""

    def __init__(self, symbol: SymbolicRequest, always: Formula, allowed: Mapping[PolicySet, Formula]) -> None:
        self.symbol = symbol
        self._always = smt.conjunction((symbol.well_formed, symbol.truth(always)))
        self._allowed = {policies: symbol.truth(formula) for policies, formula in allowed.items()}

    def is_as(self, sought: Sought) -> tuple[Truth, ...]:
        """What it takes to be such a request."""
        allowed = self._allowed[sought.policies]
        return (
            self._always,
            self.symbol.truth(sought.facts),
            allowed if sought.allowed else smt.negation(allowed),
        )


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
        sentences.append(told(request, decision))
    return Found(Verdict.FALSE, tuple(requests), "; and ".join(sentences))
