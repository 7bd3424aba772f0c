"""Heartbeats: while a handler runs, its message stays hidden from others and its claim stays good.

One thread serves all leases, ten with a request. A lease is due after a third of the visibility timeout; a failed
extension is tried again soon, as long as the lease lasts, whatever the failure was, unless SQS says that the receipt
handle is worth nothing. The store is asked once all messages are seen to, and not for long: one that hangs costs no
lease.
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
_STORE_FRACTION = 4
"""Which part of the time between two beats the store may take; what it does not get done is due again soon."""


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
        """When each lease is due; in the order in which they have last been extended."""
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
        for lease in due:  # all of them: where SQS hangs, the last ones may have no turn in time
            if lease.may_be_extended:
                lease.asked_for()
        extended: list[Lease] = []
        until = self._clock.now() + timedelta(seconds=self._visibility_seconds)
        for start in range(0, len(due), MAX_BATCH):
            extended += self._extend(due[start : start + MAX_BATCH])
        done = self._extend_claims(extended, until)
        for lease in due:
            self._reschedule(lease, extended=lease in done)
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
            if extended:
                del self._due[lease]  # to the end: who has not had a turn is the next to have one
            else:
                wait = backoff_seconds(failures, first=_FIRST_RETRY_SECONDS, most=wait, random=self._random)
            self._due[lease] = self._clock.monotonic() + wait

    def _extend(self, batch: Sequence[Lease]) -> list[Lease]:
        """Extend up to ten leases with one request; gives those that need no other try soon."""
        with ExitStack() as held:
            for lease in batch:
                held.enter_context(lease.extending)
            wanted = [lease for lease in batch if lease.may_be_extended]
            if not wanted:
                return list(batch)
            asked_at = self._clock.monotonic()
            hidings = [(lease.delivery, min(self._visibility_seconds, lease.most_seconds)) for lease in wanted]
            failures = self._queue.hide_many(hidings)
            unfinished: set[Lease] = set()
            for place, (lease, (_, seconds)) in enumerate(zip(wanted, hidings, strict=True)):
                failure = failures.get(place)
                if failure is None:
                    lease.extended(asked_at, seconds)
                else:
                    self._failed(lease, failure)
                    unfinished.add(lease)
            return [lease for lease in batch if lease not in unfinished]

    def _extend_claims(self, leases: Sequence[Lease], until: datetime) -> set[Lease]:
        """Extend the claims of these leases; gives those that need no other try soon.

        Where the store fails or takes long, the rest is left for the next time: the messages are what may be lost.
        """
        ends = self._clock.monotonic() + self._interval / _STORE_FRACTION
        done: set[Lease] = set()
        for lease in leases:
            if self._clock.monotonic() >= ends:
                break
            if not self._extend_claim(lease, until):
                self._let_others_go_first(lease)
                break
            done.add(lease)
        return done

    def _let_others_go_first(self, lease: Lease) -> None:
        """To the end: one whose row is locked would keep the others from their turns for as long as it is."""
        with self._lock:
            if lease in self._due:
                self._due[lease] = self._due.pop(lease)

    def _extend_claim(self, lease: Lease, until: datetime) -> bool:
        with lease.extending:
            claim = lease.claim
            try:
                if claim and lease.may_be_extended and not self._store.extend(claim, until):
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
