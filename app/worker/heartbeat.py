"""Heartbeats: while a handler runs, its message stays hidden from others and its claim stays good.

One thread serves all leases, ten with a request. A lease is due after a third of the visibility timeout; a failed
extension is tried again soon, as long as the lease lasts, whatever the failure was, unless SQS says that the receipt
handle is worth nothing.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AwsFailure, FailureKind
from app.backoff import Random, backoff_seconds
from app.clock import Clock
from app.store import PredictionStore
from app.work_queue import MAX_BATCH, WorkQueue
from app.worker.lease import TAKEN_OVER, Lease

log: FilteringBoundLogger = structlog.get_logger(__name__)

_FIRST_RETRY_SECONDS = 1.0
_FRACTION = 3


class Heartbeat:
    """Keeps leases alive.

    Args:
        queue: The queue, with a client that gives up quickly.
        store: The predictions.
        visibility_seconds: The queue's visibility timeout, which each beat renews.
        clock: The time.
        random: Where chance comes from.
    """

    def __init__(
        self, queue: WorkQueue, store: PredictionStore, visibility_seconds: int, clock: Clock, random: Random
    ) -> None:
        self._queue = queue
        self._store = store
        self._visibility_seconds = visibility_seconds
        self._interval = visibility_seconds / _FRACTION
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._due: dict[Lease, float] = {}
        self._failures: dict[Lease, int] = {}

    def watch(self, leases: Iterable[Lease]) -> None:
        """Keep these leases alive from now on."""
        with self._lock:
            for lease in leases:
                self._due[lease] = lease.delivery.received_at + self._interval

    def forget(self, lease: Lease) -> None:
        """Leave this lease alone from now on. When this returns, no extension of it is under way."""
        with self._lock:
            self._due.pop(lease, None)
            self._failures.pop(lease, None)
        lease.stop_extending()

    @property
    def watched(self) -> list[Lease]:
        """The leases that are being kept alive."""
        with self._lock:
            return list(self._due)

    def beat(self) -> float:
        """Extend every lease that is due.

        Returns:
            Seconds until the next is due; at most the interval, within which a new lease cannot be due.
        """
        with self._lock:
            now = self._clock.monotonic()
            due = [lease for lease, at in self._due.items() if at <= now]
        for start in range(0, len(due), MAX_BATCH):
            batch = due[start : start + MAX_BATCH]
            extended = self._extend(batch)
            for lease in batch:
                self._reschedule(lease, extended=lease in extended)
        with self._lock:
            now = self._clock.monotonic()
            return max(0.0, min([at - now for at in self._due.values()] + [self._interval]))

    def _reschedule(self, lease: Lease, *, extended: bool) -> None:
        with self._lock:
            if lease not in self._due:
                return
            if lease.is_lost:
                del self._due[lease]
                self._failures.pop(lease, None)
                return
            failures = 0 if extended else self._failures.get(lease, 0) + 1
            self._failures[lease] = failures
            wait = self._interval
            if failures:
                wait = backoff_seconds(failures, first=_FIRST_RETRY_SECONDS, most=wait, random=self._random)
            self._due[lease] = self._clock.monotonic() + wait

    def _extend(self, batch: Sequence[Lease]) -> set[Lease]:
        """Extend up to ten leases with one request; gives those that need no other try soon."""
        with ExitStack() as held:
            for lease in batch:
                held.enter_context(lease.extending)
            wanted = [lease for lease in batch if lease.may_be_extended]
            if not wanted:
                return set(batch)
            asked_at = self._clock.monotonic()
            until = self._clock.now() + timedelta(seconds=self._visibility_seconds)
            hidings = [(lease.delivery, min(self._visibility_seconds, lease.most_seconds)) for lease in wanted]
            failures = self._queue.hide_many(hidings)
            unfinished: set[Lease] = set()
            for place, (lease, (_, seconds)) in enumerate(zip(wanted, hidings, strict=True)):
                failure = failures.get(place)
                if failure is not None:
                    self._failed(lease, failure)
                    unfinished.add(lease)
                    continue
                lease.extended(asked_at, seconds)
                if not self._extend_claim(lease, until):
                    unfinished.add(lease)
            return set(batch) - unfinished

    def _extend_claim(self, lease: Lease, until: datetime) -> bool:
        try:
            if lease.claim and not self._store.extend(lease.claim, until):
                _lose(lease, TAKEN_OVER)
        except SQLAlchemyError as error:
            log.warning("lease.heartbeat_failed", message_id=lease.delivery.message_id, kind=type(error).__name__)
            return False
        return True

    def _failed(self, lease: Lease, failure: AwsFailure) -> None:
        log.warning(
            "lease.heartbeat_failed",
            message_id=lease.delivery.message_id,
            seconds_left=round(lease.seconds_left, 1),
            **failure.fields,
        )
        # AWS says InvalidParameterValue where the message is visible again or its 12 hours are over.
        if failure.kind is FailureKind.LEASE_GONE or failure.code == "InvalidParameterValue":
            _lose(lease, f"SQS says {failure.code}")


def _lose(lease: Lease, because: str) -> None:
    lease.revoke(because)
    log.warning("lease.lost", message_id=lease.delivery.message_id, because=because)
