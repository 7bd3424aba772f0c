"""Compares two evaluators, and explains where they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.access.differential.case import Answer, Case
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.minimise import minimised

SEVERAL_AT_ONCE: Final = "several at once"


@dataclass(frozen=True)
class Difference:
    """Something that another evaluator is known to do otherwise than AWS documents.

    It explains a case by saying it otherwise: `rewrite` puts what AWS documents in words that the other evaluator
    understands. If that alone makes it answer as ours does, and changes nothing for ours, this was the reason. Nothing
    else is excused.

    Args:
        name: What it is called, in docs/access-evaluation.md too.
        page: Where AWS documents it.
        documented: What AWS says, in our words.
        theirs: What the other evaluator does.
        rewrite: The case said otherwise.
        settled: Whether the documentation settles it, so that the other evaluator is wrong; else it leaves it open.
    """

    name: str
    page: str
    documented: str
    theirs: str
    rewrite: Callable[[Case], Case]
    settled: bool = True

    @property
    def row(self) -> str:
        """Its row in docs/access-evaluation.md."""
        wrong = "they are" if self.settled else "left open"
        return f"| {self.name} | [{self.documented}]({self.page}) | {self.theirs} | {wrong} |"


@dataclass(frozen=True)
class Disagreement:
    """A case with two answers.

    Args:
        case: The case.
        ours: What we say.
        theirs: What the other evaluator says.
        reason: The difference that explains it, `several at once`, or None.
    """

    case: Case
    ours: Answer
    theirs: Answer
    reason: str | None = None

    def __str__(self) -> str:
        """The case and both answers."""
        return f"{self.case}\n  we say: {self.ours}\n  they say: {self.theirs}"


@dataclass(frozen=True)
class Comparison:
    """Ours beside another.

    Args:
        ours: Our evaluator.
        theirs: The other.
        known: What the other is known to do otherwise.
        real_requests: Whether the other is asked by real requests, which carry what they carry.
    """

    ours: Evaluator
    theirs: Evaluator
    known: Sequence[Difference]
    real_requests: bool = False

    def run(self, cases: Sequence[Case]) -> list[Disagreement]:
        """Ask both about every case; gives those on which they differ, with the reason where it is known."""
        answers = zip(cases, self.ours(cases), self.theirs(cases), strict=True)
        found = [Disagreement(case, ours, theirs) for case, ours, theirs in answers if ours is not theirs]
        reasons: list[str | None] = [None] * len(found)
        together = [one.case for one in found]
        for difference in self.known:
            reasons = self._reasons(reasons, difference.name, found, [difference.rewrite(one.case) for one in found])
            together = self._unless_ours_changes(found, together, [difference.rewrite(case) for case in together])
        reasons = self._reasons(reasons, SEVERAL_AT_ONCE, found, together)
        return [replace(one, reason=reason) for one, reason in zip(found, reasons, strict=True)]

    def smallest(self, case: Case) -> Disagreement:
        """What is left of a case without a known reason when all is taken away that it does not depend on."""
        [left] = self.run([minimised(case, self._unexplained, keep_request=self.real_requests)])
        return left

    def _unexplained(self, cases: Sequence[Case]) -> list[bool]:
        unexplained = {id(one.case) for one in self.run(cases) if one.reason is None}
        return [id(case) in unexplained for case in cases]

    def _reasons(
        self, known: Sequence[str | None], name: str, found: Sequence[Disagreement], rewritten: Sequence[Case]
    ) -> list[str | None]:
        """The reasons, with this one where there was none and the rewritten case has one answer: the one we gave."""
        open_ = [at for at, one in enumerate(found) if known[at] is None and rewritten[at] != one.case]
        said = [rewritten[at] for at in open_]
        answers = zip(open_, self.ours(said), self.theirs(said), strict=True)
        settled = {at for at, ours, theirs in answers if found[at].ours is ours is theirs}
        return [name if at in settled else reason for at, reason in enumerate(known)]

    def _unless_ours_changes(
        self, found: Sequence[Disagreement], before: Sequence[Case], after: Sequence[Case]
    ) -> list[Case]:
        """The cases after a change, or before it where the change makes us answer otherwise."""
        changed = [at for at, case in enumerate(after) if case != before[at]]
        answers = zip(changed, self.ours([after[at] for at in changed]), strict=True)
        kept = {at for at, ours in answers if found[at].ours is ours}
        return [after[at] if at in kept else before[at] for at in range(len(found))]
