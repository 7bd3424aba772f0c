"""The relay: publishes what waits in the outbox, round after round, until it is told to stop."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.backoff import Random, backoff_seconds
from app.clock import Clock
from app.publishing.publisher import SQSPublisher
from app.publishing.result import PublishResult
from app.shutdown import Shutdown
from app.store import Outbox

log: FilteringBoundLogger = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 1.0
_MOST_PAUSE_SECONDS = 30.0
_ADOPT_SECONDS = 300.0


class RelayStoppedBy(StrEnum):
    """Why a relay stopped."""

    DONE = "done"
    """It was to go through once, and nothing is left that is due; or publishing is disabled."""
    KEPT = "kept"
    """It was to go through once, and SQS refuses or cannot be reached."""
    SIGNAL = "signal"
    """SIGTERM or SIGINT."""


@dataclass(frozen=True)
class RelayReport:
    """What a relay did.

    Args:
        stopped_by: Why it stopped.
        codes: How often entries ended how, by the names of `PublishCode`: one that was kept twice counts twice.
        retries: How often a request to SQS had to be repeated, counted for each message in it.
        store_failures: How often the store did not answer.
        seconds: How long it ran.
    """

    stopped_by: RelayStoppedBy
    codes: Mapping[str, int]
    retries: int
    store_failures: int
    seconds: float


class Relay:
    """Publishes what waits. Any number may run at once, in any number of processes.

    An outage is met with patience: each entry that failed waits by itself, and after a round in which something had to
    be kept the whole relay pauses, longer each time, so that it knocks rarely and goes on soon.

    Args:
        publisher: What publishes.
        outbox: What waits.
        shutdown: Whether to stop.
        clock: The time.
        random: Where chance comes from.
        poll_seconds: How long to pause when nothing is due. With several relays, each pauses for itself.
    """

    def __init__(  # noqa: PLR0913 - the parts of a relay, put together in one place
        self,
        *,
        publisher: SQSPublisher,
        outbox: Outbox,
        shutdown: Shutdown,
        clock: Clock,
        random: Random,
        poll_seconds: float = 1.0,
    ) -> None:
        self._publisher = publisher
        self._outbox = outbox
        self._shutdown = shutdown
        self._clock = clock
        self._random = random
        self._poll_seconds = poll_seconds
        self._codes: Counter[str] = Counter()
        self._retries = 0
        self._store_failures = 0

    @property
    def store_failures(self) -> int:
        """How often the store has not answered so far."""
        return self._store_failures

    def run(self, *, once: bool = False) -> RelayReport:
        """Relay until told to stop.

        Args:
            once: Stop as soon as nothing is due any more, or something has to be kept.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The store does not answer, where it is asked only once. Otherwise that is
                waited for.
        """
        started = self._clock.monotonic()
        log.info("relay.started", once=once)
        stopped_by = self._once() if once else self._until_stopped()
        seconds = self._clock.monotonic() - started
        log.info(
            "relay.stopped",
            by=stopped_by.value,
            seconds=round(seconds, 3),
            retries=self._retries,
            codes=dict(self._codes),
        )
        return RelayReport(stopped_by, dict(self._codes), self._retries, self._store_failures, seconds)

    def _once(self) -> RelayStoppedBy:
        self._outbox.adopt()
        while not self._shutdown.is_requested:
            results = self._round()
            if any(result.is_kept for result in results):
                return RelayStoppedBy.KEPT
            if not results:
                return RelayStoppedBy.DONE
        return RelayStoppedBy.SIGNAL

    def _until_stopped(self) -> RelayStoppedBy:
        failures = 0
        adopt_at = self._clock.monotonic()
        while not self._shutdown.is_requested:
            try:
                if self._clock.monotonic() >= adopt_at:
                    self._outbox.adopt()
                    adopt_at = self._clock.monotonic() + _ADOPT_SECONDS
                results = self._round()
                failed = any(result.is_kept for result in results)
            except SQLAlchemyError as error:
                self._store_failures += 1
                results, failed = [], True
                log.warning("relay.store_failed", kind=type(error).__name__)
            failures = failures + 1 if failed else 0
            if failed:
                self._shutdown.pause(
                    backoff_seconds(failures, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS, random=self._random)
                )
            elif not results:
                self._shutdown.pause(self._poll_seconds)
        return RelayStoppedBy.SIGNAL

    def _round(self) -> Sequence[PublishResult]:
        results = self._publisher.publish_due()
        self._codes.update(result.code.value for result in results)
        self._retries += sum(result.retries for result in results)
        return results
