"""Everything that a report tells, before it is put into words."""

from dataclasses import dataclass

from access.matrix.cells import Matrix
from access.matrix.expected import Difference
from access.proof.invariants import Finding
from access.usage.observed import RoleUsage


@dataclass(frozen=True)
class Report:
    """One look at one stack.

    Args:
        stack: The stack's name.
        source: Where its documents were read, in words.
        matrix: Who may do what.
        notes: What was assumed, and why.
        differences: What is not as expected; None where that was not asked.
        proofs: What became of each invariant.
        usage: What each of the stack's roles was granted and never used, and what it was refused; None where that was
            not asked.
    """

    stack: str
    source: str
    matrix: Matrix
    notes: tuple[str, ...] = ()
    differences: tuple[Difference, ...] | None = None
    proofs: tuple[Finding, ...] = ()
    usage: tuple[RoleUsage, ...] | None = None

    @property
    def is_good(self) -> bool:
        """Whether all is as expected, and nothing can happen that must never happen."""
        return not self.differences and all(one.holds for one in self.proofs)

    @property
    def headline(self) -> str:
        """What came of it, in a few words."""
        said = []
        if self.differences is not None:
            cells = sum(len(one.origins) for one in self.differences)
            said.append(f"{cells} cells are not as expected" if cells else "every cell is as expected")
        if self.proofs:
            held = sum(one.holds for one in self.proofs)
            said.append(f"{held} of {len(self.proofs)} invariants are proven")
        return "; ".join(said) or f"{len(self.matrix.cells)} cells"

    def role_label(self, arn: str) -> str:
        """What the report calls a role."""
        return next((one.label for one in self.matrix.callers if one.detail == arn), arn)
