"""Deleting messages whose work is committed: in tens, soon, and looking at what became of each.

A batch costs what a single delete does, so tens are worth a factor of five. A message that cannot be deleted is not
lost: it comes again when its visibility timeout has passed, and is then found to be done.
"""

import threading
from dataclasses import dataclass

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AwsFailure, FailureKind
from app.backoff import Random, backoff_seconds
from app.clock import Clock
from app.work_queue import MAX_BATCH, Delivery, WorkQueue

log: FilteringBoundLogger = structlog.get_logger(__name__)

_WAIT_SECONDS = 0.5
"""How long a message waits for others at most."""
_TRIES = 3
_FIRST_PAUSE_SECONDS = 1.0
_MOST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class _Done:
    """A message to delete: how often that has failed, and when it is due."""

    delivery: Delivery
    tried: int
    due_at: float


class Acknowledger:
    """Deletes messages. Safe to use from several threads.

    Args:
        queue: The queue.
        clock: The time.
        random: Where chance comes from.
    """

    def __init__(self, queue: WorkQueue, clock: Clock, random: Random) -> None:
        self._queue = queue
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._waiting: list[_Done] = []
        self.refusal: AwsFailure | None = None
        """What AWS said when it persistently refused to let a message be deleted."""

    def acknowledge(self, delivery: Delivery) -> None:
        """Delete a message, when ten have come together or half a second has passed. Raises nothing."""
        with self._lock:
            self._waiting.append(_Done(delivery, 0, self._clock.monotonic() + _WAIT_SECONDS))
            full = len(self._waiting) >= MAX_BATCH
        if full:
            self._delete(self._take(only_due=False))

    def tick(self) -> float:
        """Delete what has waited long enough.

        Returns:
            In how many seconds to look again.
        """
        while batch := self._take(only_due=True):
            self._delete(batch)
        return _WAIT_SECONDS

    def flush(self) -> None:
        """Delete all that waits now, whatever it waits for; what fails goes on waiting for its turn."""
        with self._lock:
            batches = -(-len(self._waiting) // MAX_BATCH)
        for _ in range(batches):
            self._delete(self._take(only_due=False))

    def finish(self, seconds: float = 10.0) -> None:
        """Delete all that waits; nothing comes after this.

        Args:
            seconds: How long to go on trying what fails; each is tried once in any case.
        """
        ends = self._clock.monotonic() + seconds
        for tried in range(1, _TRIES + 1):
            self.flush()
            pause = self._pause(tried)
            if not self._waiting or self._clock.monotonic() + pause > ends:
                return
            self._clock.wait(threading.Event(), pause)

    def _take(self, *, only_due: bool) -> list[_Done]:
        """Up to ten. Those that are due take along others that are not: the request is made anyway."""
        now = self._clock.monotonic()
        with self._lock:
            if only_due and not any(done.due_at <= now for done in self._waiting):
                return []
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        return batch

    def _delete(self, batch: list[_Done]) -> None:
        if not batch:
            return
        failures = self._queue.delete_many([done.delivery for done in batch])
        for kind in sorted({failure.kind for failure in failures.values()}):
            of_kind = [failure for failure in failures.values() if failure.kind is kind]
            log.warning("worker.delete_failed", messages=len(of_kind), **of_kind[0].fields)
        for place, failure in failures.items():
            self._again(batch[place], failure)

    def _again(self, done: _Done, failure: AwsFailure) -> None:
        tried = done.tried + 1
        if failure.kind is FailureKind.LEASE_GONE:
            return
        if tried >= _TRIES:
            if failure.kind is FailureKind.REFUSED:
                self.refusal = failure
            return
        with self._lock:
            self._waiting.append(_Done(done.delivery, tried, self._clock.monotonic() + self._pause(tried)))

    def _pause(self, tried: int) -> float:
        return backoff_seconds(tried, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS, random=self._random)
