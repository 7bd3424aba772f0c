"""What is proven of the queues, over all requests: every claim of `prohibitions` and `capabilities`, put to Z3.

Each claim is asked the other way round: is there a request that breaks it? The request is free, but for the facts of
AWS (`axioms`). Where Z3 says that there is none, the claim is proven. Where it finds one, the evaluator must confirm it
before it is called a counterexample. Anything else, running out of time included, is undecided and does not hold.
"""

from dataclasses import dataclass
from typing import Final

from access.capabilities import capabilities
from access.claims import Claim
from access.prohibitions import prohibitions
from access.protected import Protected
from access.request import Request
from access.search import Search, Verdict

SECONDS: Final = 20.0
"""How long the solver may think about one question. It takes a tenth of one for the stack's own policies."""


@dataclass(frozen=True)
class Finding:
    """What became of a claim.

    Args:
        name: The claim's name.
        sentence: What it says.
        verdict: What became of it.
        counterexample: The requests that break it, all of one caller; none unless it is false.
        told: The counterexample, or why nothing was decided, in words; empty where it is proven.
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


def prove(protected: Protected, *, seconds: float = SECONDS) -> tuple[Finding, ...]:
    """What becomes of every claim about these queues.

    Args:
        protected: The queues, and who has to do with them.
        seconds: How long the solver may think about each of a claim's questions.

    Raises:
        MalformedDocumentError: When a policy says what cannot be understood.
    """
    claims = (*prohibitions(protected), *capabilities(protected))
    search = Search(protected, [question for claim in claims for question in claim.questions], seconds=seconds)
    return tuple(_judged(claim, search) for claim in claims)


def _judged(claim: Claim, search: Search) -> Finding:
    """A claim is false when one question has an answer, and proven when none has."""
    undecided = ""
    for question in claim.questions:
        found = search.found(question)
        if found.verdict is Verdict.FALSE:
            return Finding(claim.name, claim.sentence, found.verdict, found.requests, found.told)
        undecided = undecided or found.told
    verdict = Verdict.UNDECIDED if undecided else Verdict.PROVEN
    return Finding(claim.name, claim.sentence, verdict, told=undecided)
