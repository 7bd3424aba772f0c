"""The findings that are right as they are: accepted.toml, each with its reason."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.linters.running import Finding

FILE = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Accepted:
    """One kind of finding. Patterns are a shell's: `*` for anything.

    Args:
        linter: Which linter's.
        rule: The rule's id.
        subjects: Patterns of the documents' or resources' names.
        reason: Why it is right as it is.
        detail: A pattern of what the linter says.
    """

    linter: str
    rule: str
    subjects: tuple[str, ...]
    reason: str
    detail: str = "*"

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is of this kind."""
        return (
            (finding.linter, finding.rule) == (self.linter, self.rule)
            and any(fnmatchcase(finding.subject, pattern) for pattern in self.subjects)
            and fnmatchcase(finding.detail, self.detail)
        )


def accepted(linter: str) -> list[Accepted]:
    """What is accepted of a linter."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["finding"]
    found = [Accepted(**{**one, "subjects": tuple(one["subjects"])}) for one in entries]
    return [one for one in found if one.linter == linter]


def not_accepted(findings: Sequence[Finding], entries: Sequence[Accepted]) -> list[Finding]:
    """The findings that no entry covers."""
    return [one for one in findings if not any(entry.covers(one) for entry in entries)]


def not_needed(findings: Sequence[Finding], entries: Sequence[Accepted]) -> list[Accepted]:
    """The entries, and patterns of theirs, that cover nothing that is found."""
    unneeded = []
    for entry in entries:
        for pattern in entry.subjects:
            alone = Accepted(entry.linter, entry.rule, (pattern,), entry.reason, entry.detail)
            if not any(alone.covers(one) for one in findings):
                unneeded.append(alone)
    return unneeded
