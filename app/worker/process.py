"""What a slot does with a delivery: keep it alive, handle it, settle it."""

import itertools
from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bind_contextvars, clear_contextvars
from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.store import PredictionStore
from app.work_queue import Delivery
from app.worker.acknowledge import Acknowledger
from app.worker.giving_back import GivingBack
from app.worker.handler import PredictionHandler
from app.worker.heartbeat import Heartbeat
from app.worker.lease import Lease
from app.worker.metered import WorkerMetrics
from app.worker.outcome import Outcome
from app.worker.report import Tally
from app.worker.settle import Settler

log: FilteringBoundLogger = structlog.get_logger(__name__)

_NOBODYS = UUID(int=0)


class Processor:
    """Takes one delivery from its arrival to its end. Safe to use from several threads.

    Args:
        handler: Makes the prediction.
        heartbeat: Keeps the lease alive meanwhile.
        settler: Does with the message what the outcome asks for.
        acknowledger: What the settler deletes by.
        store: The predictions, to give claims back at a shutdown.
        visibility_seconds: For how long SQS hides a delivery at first.
        clock: The time.
        metrics: What measures, if anything does.
    """

    def __init__(  # noqa: PLR0913 - the parts of a worker, put together in one place
        self,
        *,
        handler: PredictionHandler,
        heartbeat: Heartbeat,
        settler: Settler,
        acknowledger: Acknowledger,
        store: PredictionStore,
        visibility_seconds: int,
        clock: Clock,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        self._handler = handler
        self._metrics = metrics
        self._settler = settler
        self._store = store
        self.visibility_seconds = visibility_seconds
        self._clock = clock
        self.heartbeat = heartbeat
        self.acknowledger = acknowledger
        self.tally = Tally()
        self._giving_back = GivingBack(
            handler=handler, heartbeat=heartbeat, settler=settler, store=store, clock=clock, metrics=metrics
        )
        self._store_failures = itertools.count(1)
        self._newest_failure = 0
        self._answered_after = 0

    def take_up(self, deliveries: Sequence[Delivery]) -> list[Lease]:
        """Keep the deliveries of one receive alive from now on, and claim what they ask for. Raises nothing.

        Returns:
            Their leases, each to be processed.
        """
        leases = [Lease(delivery, self.visibility_seconds, self._clock) for delivery in deliveries]
        self.heartbeat.watch(leases)
        self._handler.claim_together(leases)
        return leases

    def process(self, lease: Lease) -> None:
        """Work on a delivery that has been taken up. Raises nothing."""
        delivery = lease.delivery
        metrics = self._metrics
        started = 0.0 if metrics is None else self._clock.monotonic()
        clear_contextvars()
        # Not taken back at the end: a slot's thread says nothing between deliveries, and that would take twice as long.
        bind_contextvars(message_id=delivery.message_id, receives=delivery.receive_count)
        try:
            outcome = self._handler.handle(lease)
        finally:
            self.heartbeat.forget(lease)
        if outcome is Outcome.STORE_DOWN:
            self._newest_failure = next(self._store_failures)
        self.tally.add(outcome)
        if metrics is not None:
            metrics.processed(
                lease,
                outcome,
                is_last=self._handler.is_last(delivery),
                now=self._clock.now(),
                seconds=self._clock.monotonic() - started,
            )
        self._settler.settle(delivery, outcome)

    @property
    def store_is_down(self) -> bool:
        """Whether the store has failed to answer a delivery, and has not been asked since with success.

        What is received meanwhile is a receive wasted. Other deliveries' successes say nothing: each may be older than
        the failure, however late it is told.
        """
        return self._answered_after < self._newest_failure

    def look_at_store(self) -> bool:
        """Whether the store answers, as far as is known; where it did not lately, it is asked."""
        failure = self._newest_failure
        if self._answered_after < failure:
            try:
                self._store.get(_NOBODYS)
            except SQLAlchemyError as error:
                log.warning("worker.store_is_down", kind=type(error).__name__)
                return False
            self._answered_after = failure
        return not self.store_is_down

    def give_back(self, deliveries: Sequence[Delivery], seconds: float) -> int:
        """Give back deliveries that have not been taken up; as `GivingBack.give_back`."""
        leases = [Lease(delivery, self.visibility_seconds, self._clock) for delivery in deliveries]
        return self.give_back_unstarted(leases, seconds)

    def give_back_unstarted(self, leases: Sequence[Lease], seconds: float) -> int:
        """Give back deliveries that nobody has begun to work on; as `GivingBack.give_back`."""
        return self._giving_back.give_back(leases, seconds, begun=False)

    def give_back_running(self, seconds: float) -> int:
        """Take their right to commit from all handlers that are still running, and give their messages back.

        Args:
            seconds: How long that may take.

        Returns:
            How many.
        """
        return self._giving_back.give_back(self.heartbeat.watched, seconds, begun=True)
