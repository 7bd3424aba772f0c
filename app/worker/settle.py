"""What is done with a message once its outcome is known."""

import threading

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind
from app.backoff import Random, backoff_seconds
from app.clock import Clock
from app.work_queue import MAX_VISIBILITY_SECONDS, Delivery, WorkQueue
from app.worker.outcome import Outcome

log: FilteringBoundLogger = structlog.get_logger(__name__)

_FIRST_RETRY_SECONDS = 10.0
_MOST_RETRY_SECONDS = 900.0
_DELETE_TRIES = 3
_FIRST_PAUSE_SECONDS = 1.0
_MOST_PAUSE_SECONDS = 5.0


class DeleteRefusedError(Exception):
    """AWS refuses, persistently, to let messages be deleted.

    Args:
        failure: What it says.
    """

    def __init__(self, failure: AwsFailure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


class Settler:
    """Deletes what is done, gives back what is refused, hides what may succeed later. Safe to use from several threads.

    Args:
        queue: The queue.
        visibility_seconds: The queue's visibility timeout.
        clock: The time.
        random: Where chance comes from.
    """

    def __init__(self, queue: WorkQueue, visibility_seconds: int, clock: Clock, random: Random) -> None:
        self._queue = queue
        self._visibility_seconds = visibility_seconds
        self._clock = clock
        self._random = random
        self._never = threading.Event()

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Do with the message what its outcome asks for.

        A message that cannot be settled is not lost: it comes again when its visibility timeout has passed, and is then
        found to be done.

        Raises:
            DeleteRefusedError: AWS refuses the delete, and refused it again after a pause.
        """
        if outcome in {Outcome.COMPLETED, Outcome.DUPLICATE}:
            self._delete(delivery)
        elif outcome in {Outcome.REJECTED, Outcome.FAILED}:
            self.give_back(delivery)
        elif outcome is Outcome.RETRY:
            wait = backoff_seconds(
                delivery.receive_count, first=_FIRST_RETRY_SECONDS, most=_MOST_RETRY_SECONDS, random=self._random
            )
            self._hide(delivery, round(wait))
        elif outcome is Outcome.BUSY:
            # Longer each time: every delivery counts towards the dead-letter queue, and the others may take long.
            self._hide(delivery, min(self._visibility_seconds * delivery.receive_count, MAX_VISIBILITY_SECONDS // 2))

    def give_back(self, delivery: Delivery) -> None:
        """Make a message visible to everybody at once."""
        self._hide(delivery, 0)

    def _hide(self, delivery: Delivery, seconds: int) -> None:
        try:
            self._queue.hide(delivery, seconds)
        except AWS_ERRORS as error:
            log.warning("worker.visibility_failed", seconds=seconds, **AwsFailure.of(error).fields)

    def _delete(self, delivery: Delivery) -> None:
        for tried in range(1, _DELETE_TRIES + 1):
            failure = self._failure_to_delete(delivery, tried)
            if failure is None or failure.kind is FailureKind.LEASE_GONE:
                return
            if tried < _DELETE_TRIES:
                pause = backoff_seconds(
                    tried, first=_FIRST_PAUSE_SECONDS, most=_MOST_PAUSE_SECONDS, random=self._random
                )
                self._clock.wait(self._never, pause)
            elif failure.kind is FailureKind.REFUSED:
                raise DeleteRefusedError(failure)

    def _failure_to_delete(self, delivery: Delivery, tried: int) -> AwsFailure | None:
        try:
            self._queue.delete(delivery)
        except AWS_ERRORS as error:
            failure = AwsFailure.of(error)
            log.warning("worker.delete_failed", tried=tried, **failure.fields)
            return failure
        return None
