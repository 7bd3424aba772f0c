"""The sweeper: finds, now and then, the predictions that no message will come for any more."""

from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from app.store import RecoveryStore

log: FilteringBoundLogger = structlog.get_logger(__name__)

_EVERY_SECONDS = 60.0
_GRACE = timedelta(seconds=60)


class Sweeper:
    """Hands lost predictions to the outbox. Every worker has one; any number may sweep at once.

    Args:
        recovery: The store.
        retention: For how long the queue keeps a message.
        most_failures: From how many failures on a prediction is given up; None for never.
    """

    def __init__(self, recovery: RecoveryStore, retention: timedelta, most_failures: int | None) -> None:
        self._recovery = recovery
        self._retention = retention
        self._most_failures = most_failures
        self.renewed = 0
        """How many predictions have been handed to the outbox again so far."""
        self.given_up = 0
        """How many have been given up so far."""

    def tick(self) -> float:
        """Sweep once.

        Returns:
            In how many seconds to do it again.
        """
        try:
            swept = self._recovery.sweep(grace=_GRACE, retention=self._retention, most_failures=self._most_failures)
        except SQLAlchemyError as error:
            log.warning("sweeper.store_failed", kind=type(error).__name__)
            return _EVERY_SECONDS
        self.renewed += len(swept.renewed)
        self.given_up += len(swept.given_up)
        for prediction_id in swept.renewed:
            log.warning("sweeper.renewed", prediction_id=str(prediction_id))
        for prediction_id in swept.given_up:
            log.warning("sweeper.gave_up", prediction_id=str(prediction_id))
        return _EVERY_SECONDS
