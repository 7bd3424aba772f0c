"""Giving deliveries back when the worker stops: claims first, then messages, in tens, within a time.

In this order, since whoever receives a message while its claim still stands can do nothing but wait. But a store that
hangs takes no more than half of the time: the messages are then given back nevertheless.
"""

import logging
from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.reasons import Reason
from app.store import PredictionStore
from app.work_queue import MAX_BATCH
from app.worker.beside import all_within
from app.worker.claims import give_back_claim
from app.worker.handler import PredictionHandler
from app.worker.heartbeat import Heartbeat
from app.worker.lease import Lease
from app.worker.metered import WorkerMetrics
from app.worker.outcome import Outcome
from app.worker.settle import Settler

log: FilteringBoundLogger = structlog.get_logger(__name__)

_STORE_FRACTION = 2
"""Which part of the time the store may take."""


class GivingBack:
    """Gives deliveries back. Safe to use from several threads.

    Args:
        handler: What renews messages at their last delivery.
        heartbeat: What keeps the leases alive until then.
        settler: What gives the messages back.
        store: The predictions.
        clock: The time.
        metrics: What measures, if anything does.
    """

    def __init__(  # noqa: PLR0913 - what has a part in it
        self,
        *,
        handler: PredictionHandler,
        heartbeat: Heartbeat,
        settler: Settler,
        store: PredictionStore,
        clock: Clock,
        metrics: WorkerMetrics | None,
    ) -> None:
        self._handler = handler
        self._heartbeat = heartbeat
        self._settler = settler
        self._store = store
        self._clock = clock
        self._metrics = metrics

    def give_back(self, leases: Sequence[Lease], seconds: float, *, begun: bool) -> int:
        """End these leases, and give back their claims and messages. Raises nothing.

        At a message's last delivery, a new message is asked for instead, and the old one deleted.

        Args:
            leases: Which. Those that are over already keep their messages, which are not ours any more.
            seconds: How long it may take; what is not done by then goes on as long as the process does.
            begun: Whether work on them has begun.

        Returns:
            How many still held.
        """
        ends = self._clock.monotonic() + seconds
        held = [lease for lease in leases if lease.revoke("the worker is stopping", Reason.SHUTDOWN)]
        renewed: dict[Lease, Outcome] = {}
        in_tens = [held[start : start + MAX_BATCH] for start in range(0, len(held), MAX_BATCH)]
        store_ends = ends - seconds / _STORE_FRACTION
        all_within(
            [partial(self._give_back_claims, ten, renewed) for ten in in_tens],
            lambda: store_ends - self._clock.monotonic(),
        )
        all_within(
            [partial(self._give_back_messages, ten, renewed) for ten in in_tens],
            lambda: ends - self._clock.monotonic(),
        )
        for lease in held:
            self._tell(lease, begun=begun)
        return len(held)

    def _give_back_claims(self, leases: Sequence[Lease], renewed: dict[Lease, Outcome]) -> None:
        for lease in leases:
            is_last = self._handler.is_last(lease.delivery)
            try:
                if give_back_claim(lease, self._store, code=Reason.SHUTDOWN, reason="the worker was stopped"):
                    if is_last:
                        renewed[lease] = Outcome.RENEWED
                elif is_last and lease.claim is None:
                    renewed[lease] = self._handler.renew(lease.delivery)
            except SQLAlchemyError as error:  # then the claim runs out by itself
                log.warning("worker.release_failed", kind=type(error).__name__)

    def _give_back_messages(self, leases: Sequence[Lease], renewed: dict[Lease, Outcome]) -> None:
        visible = []
        for lease in leases:
            self._heartbeat.forget(lease)
            outcome = renewed.get(lease)
            if outcome is Outcome.RENEWED:
                self._settler.settle(lease.delivery, outcome)
            elif outcome is Outcome.REJECTED or not self._handler.is_last(lease.delivery):
                visible.append(lease.delivery)
        if visible:
            self._settler.give_back_many(visible)

    def _tell(self, lease: Lease, *, begun: bool) -> None:
        if self._metrics is not None:
            self._metrics.given_back(begun=begun)
        log.log(
            logging.WARNING if begun else logging.INFO,
            "worker.given_back",
            message_id=lease.delivery.message_id,
            receives=lease.delivery.receive_count,
            begun=begun,
        )
