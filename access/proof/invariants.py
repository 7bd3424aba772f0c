"""What is proven of the queues, over all requests: every claim of `prohibitions` and `capabilities`, put to Z3.

Each claim is asked the other way round: is there a request that breaks it? The request is free, but for the facts of
AWS (`axioms`). Where Z3 says that there is none, the claim is proven. Where it finds one, the evaluator must confirm it
before it is called a counterexample. Anything else, running out of time included, is undecided and does not hold.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from access.proof.capabilities import capabilities
from access.proof.claims import Claim
from access.proof.prohibitions import prohibitions
from access.proof.protected import Protected
from access.proof.search import Search, Verdict
from access.request import Request

SECONDS: Final = 20.0
"""How long the solver may think about one question. It takes a tenth of one for the stack's own policies."""


@dataclass(frozen=True)
class Finding:
    """What became of a claim.

    Args:
        name: The claim's name.
        sentence: What it says.
        verdict: What became of it.
        counterexample: The requests that break it, all of one caller; none unless it is false, and none where it is
            false for want of what it is about.
        told: The counterexample, or what is lacking, or why nothing was decided, in words; empty where it is proven.
    """

    name: str
    sentence: str
    verdict: Verdict
    counterexample: tuple[Request, ...] = ()
    told: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is proven."""
        return self.verdict is Verdict.PROVEN


def prove(protected: Protected, *, only: Collection[str] = (), seconds: float = SECONDS) -> tuple[Finding, ...]:
    """What becomes of every claim about these queues.

    Args:
        protected: The queues, and who has to do with them.
        only: The names of the claims to judge; all of them when there are none.
        seconds: How long the solver may think about each of a claim's questions.

    Raises:
        MalformedDocumentError: When a policy says what cannot be understood.
        ValueError: When there is no claim of such a name.
    """
    known = {claim.name: claim for claim in all_claims(protected)}
    if unknown := sorted(set(only) - known.keys()):
        raise ValueError(f"there is no claim {unknown[0]!r} about these queues; there are {', '.join(known)}")
    claims = [known[name] for name in known if not only or name in only]
    return tuple(_judged(claim, Search(protected, seconds)) for claim in claims)


def all_claims(protected: Protected) -> tuple[Claim, ...]:
    """All that is claimed of these queues."""
    return (*prohibitions(protected), *capabilities(protected))


def _judged(claim: Claim, search: Search) -> Finding:
    """A claim is false when it lacks what it is about, or one question has an answer; it is proven when none has."""
    if claim.lacks:
        return Finding(claim.name, claim.sentence, Verdict.FALSE, told=claim.lacks)
    undecided = ""
    for question in claim.questions:
        found = search.found(question)
        if found.verdict is Verdict.FALSE:
            return Finding(claim.name, claim.sentence, found.verdict, found.requests, found.told)
        undecided = undecided or found.told
    verdict = Verdict.UNDECIDED if undecided else Verdict.PROVEN
    return Finding(claim.name, claim.sentence, verdict, told=undecided)
