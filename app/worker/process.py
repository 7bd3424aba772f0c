"""What a slot does with a delivery: keep it alive, handle it, settle it."""

from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars, clear_contextvars
from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.reasons import Reason
from app.store import PredictionStore
from app.work_queue import Delivery
from app.worker.handler import PredictionHandler
from app.worker.heartbeat import Heartbeat
from app.worker.lease import Lease
from app.worker.report import Tally
from app.worker.settle import DeleteRefusedError, Settler

if TYPE_CHECKING:
    from app.aws_failures import AwsFailure

log: FilteringBoundLogger = structlog.get_logger(__name__)


class Processor:
    """Takes one delivery from its arrival to its end. Safe to use from several threads.

    Args:
        handler: Makes the prediction.
        heartbeat: Keeps the lease alive meanwhile.
        settler: Does with the message what the outcome asks for.
        store: The predictions, to give claims back at a shutdown.
        visibility_seconds: For how long SQS hides a delivery at first.
        clock: The time.
    """

    def __init__(  # noqa: PLR0913 - the parts of a worker, put together in one place
        self,
        *,
        handler: PredictionHandler,
        heartbeat: Heartbeat,
        settler: Settler,
        store: PredictionStore,
        visibility_seconds: int,
        clock: Clock,
    ) -> None:
        self._handler = handler
        self._settler = settler
        self._store = store
        self.visibility_seconds = visibility_seconds
        self._clock = clock
        self.heartbeat = heartbeat
        self.tally = Tally()
        self.refusal: AwsFailure | None = None
        """What AWS said when it persistently refused to let a message be deleted."""

    def process(self, delivery: Delivery) -> None:
        """Work on a delivery. Raises nothing."""
        clear_contextvars()
        with bound_contextvars(message_id=delivery.message_id, receives=delivery.receive_count):
            lease = Lease(delivery, self.visibility_seconds, self._clock)
            self.heartbeat.watch(lease)
            try:
                outcome = self._handler.handle(lease)
            finally:
                self.heartbeat.forget(lease)
            self.tally.add(outcome)
            try:
                self._settler.settle(delivery, outcome)
            except DeleteRefusedError as error:
                self.refusal = error.failure

    def give_back(self, delivery: Delivery) -> None:
        """Give back a delivery that nobody has begun to work on."""
        self._settler.give_back(delivery)
        log.info("worker.given_back", message_id=delivery.message_id, begun=False)

    def give_back_running(self) -> int:
        """Take their right to commit from all handlers that are still running, and give their messages back.

        Returns:
            How many.
        """
        leases = self.heartbeat.watched
        for lease in leases:
            lease.revoke("the worker is stopping")
            self.heartbeat.forget(lease)
            if lease.claim:
                try:
                    self._store.release(lease.claim, code=Reason.SHUTDOWN.value, reason="the worker was stopped")
                except SQLAlchemyError as error:  # then the claim runs out by itself
                    log.warning("worker.release_failed", kind=type(error).__name__)
            self._settler.give_back(lease.delivery)
            log.warning("worker.given_back", message_id=lease.delivery.message_id, begun=True)
        return len(leases)
