"""What one check says."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look."""
    FAILED = "failed"
    """It does not work, or loses something."""
    UNKNOWN = "unknown"
    """This role may not see it, or what it takes to see it failed."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Args:
        check: What was looked at: a stable name.
        verdict: How bad it is.
        detail: What was seen.
        remedy: What to do; None where nothing needs to be done.
    """

    check: str
    verdict: Verdict
    detail: str
    remedy: str | None = None

    @classmethod
    def ok(cls, check: str, detail: str) -> "Finding":
        """All is well."""
        return cls(check, Verdict.OK, detail)

    @classmethod
    def warning(cls, check: str, detail: str, remedy: str) -> "Finding":
        """It works, and somebody should look."""
        return cls(check, Verdict.WARNING, detail, remedy)

    @classmethod
    def failed(cls, check: str, detail: str, remedy: str) -> "Finding":
        """It does not work."""
        return cls(check, Verdict.FAILED, detail, remedy)

    @classmethod
    def unknown(cls, check: str, detail: str, remedy: str | None = None) -> "Finding":
        """It could not be seen."""
        return cls(check, Verdict.UNKNOWN, detail, remedy)
