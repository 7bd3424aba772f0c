"""What a worker did, in numbers."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.aws_failures import AwsFailure
from app.worker.outcome import Outcome


class StoppedBy(StrEnum):
    """Why a worker stopped."""

    DRAINED = "drained"
    """The queue was empty, look after look."""
    TIME = "time"
    """The time that it was given had passed."""
    SIGNAL = "signal"
    """SIGTERM or SIGINT."""
    REFUSED = "refused"
    """AWS refused, persistently."""


@dataclass(frozen=True)
class WorkReport:
    """What a worker did.

    Args:
        stopped_by: Why it stopped.
        received: Deliveries, each counted: a message that came three times counts three times.
        outcomes: How many deliveries ended how, by the names of `Outcome`.
        given_back: Deliveries that went back unfinished or unstarted when it stopped.
        unfinished: Handlers that were still running at the end; their right to commit is gone.
        seconds: How long it ran.
        failure: What AWS said, where it refused.
    """

    stopped_by: StoppedBy
    received: int
    outcomes: Mapping[str, int]
    given_back: int
    unfinished: int
    seconds: float
    failure: AwsFailure | None


class Tally:
    """Counts outcomes. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Outcome] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        with self._lock:
            self._counts[outcome] += 1

    def by_name(self) -> dict[str, int]:
        """How many of each, none left out."""
        with self._lock:
            return {outcome.value: self._counts[outcome] for outcome in Outcome}
