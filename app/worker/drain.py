"""When a queue counts as drained."""

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.work_queue import WorkQueue

log: FilteringBoundLogger = structlog.get_logger(__name__)

LOOKS = 3


class DrainWatch:
    """Looks whether a queue is empty; one look proves nothing, since SQS's counts are approximate.

    Args:
        queue: The queue.
        looks: How many looks in a row must find nothing.
    """

    def __init__(self, queue: WorkQueue, looks: int = LOOKS) -> None:
        self._queue = queue
        self._looks = looks
        self._empty = 0

    def saw_messages(self) -> None:
        """Begin again: a message has just been received."""
        self._empty = 0

    def look(self) -> bool:
        """Look once more, after a receive that returned nothing.

        Returns:
            Whether enough looks in a row have found nothing visible, in flight or delayed.
        """
        try:
            empty = self._queue.attributes().is_empty
        except AWS_ERRORS as error:
            log.warning("worker.look_failed", **AwsFailure.of(error).fields)
            empty = False
        self._empty = self._empty + 1 if empty else 0
        return self._empty >= self._looks
