"""What is done with a message once its outcome is known."""

from collections.abc import Sequence

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.backoff import Random, backoff_seconds
from app.work_queue import MAX_VISIBILITY_SECONDS, Delivery, WorkQueue
from app.worker.acknowledge import Acknowledger
from app.worker.outcome import Outcome

log: FilteringBoundLogger = structlog.get_logger(__name__)

_FIRST_RETRY_SECONDS = 10.0
_MOST_RETRY_SECONDS = 900.0
_DONE = frozenset({Outcome.COMPLETED, Outcome.DUPLICATE, Outcome.RENEWED})
_REFUSED = frozenset({Outcome.REJECTED, Outcome.FAILED})
_LATER = frozenset({Outcome.RETRY, Outcome.STORE_DOWN})


class Settler:
    """Deletes what is done, gives back what is refused, hides what may succeed later. Safe to use from several threads.

    Args:
        queue: The queue.
        acknowledger: What deletes.
        visibility_seconds: The queue's visibility timeout.
        random: Where chance comes from.
        quick: The queue with a client that gives up quickly, for when there is little time; by default the same.
    """

    def __init__(
        self,
        queue: WorkQueue,
        acknowledger: Acknowledger,
        visibility_seconds: int,
        random: Random,
        quick: WorkQueue | None = None,
    ) -> None:
        self._queue = queue
        self._quick = quick or queue
        self._acknowledger = acknowledger
        self._visibility_seconds = visibility_seconds
        self._random = random

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Do with the message what its outcome asks for. Raises nothing.

        A message that cannot be settled is not lost: it comes again when its visibility timeout has passed, and is then
        found to be done.
        """
        if outcome in _DONE:
            self._acknowledger.acknowledge(delivery)
        elif outcome in _REFUSED:
            self.give_back(delivery)
        elif outcome in _LATER:
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

    def give_back_many(self, deliveries: Sequence[Delivery]) -> None:
        """Make messages visible to everybody at once, with one quick request. Raises nothing.

        Args:
            deliveries: From 1 to 10.
        """
        for failure in self._quick.give_back_many(deliveries).values():
            log.warning("worker.visibility_failed", seconds=0, **failure.fields)

    def _hide(self, delivery: Delivery, seconds: int) -> None:
        try:
            self._queue.hide(delivery, seconds)
        except AWS_ERRORS as error:
            log.warning("worker.visibility_failed", seconds=seconds, **AwsFailure.of(error).fields)
