"""Having SQS send all letters back, by a move task: started, followed until it ends, cancelled at Ctrl-C."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import FailureKind
from app.clock import Clock
from app.dlq.move_task import MoveTask
from app.dlq.queue import DeadLetterQueue, DeadLettersUnavailableError
from app.errors import OperationFailedError
from app.shutdown import Shutdown

if TYPE_CHECKING:
    from datetime import datetime

log: FilteringBoundLogger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often a task is asked after."""

_PATIENCE = 10
_ENDED_MEANWHILE = frozenset({"UnsupportedOperation", "ResourceNotFoundException"})


class TaskRunningError(OperationFailedError):
    """Another move task is at work on this queue; SQS takes one at a time."""

    def __init__(self, task: MoveTask) -> None:
        super().__init__(
            f"a move task is {task.status} already, {task.moved} of about {task.to_move} moved; SQS takes one at a "
            "time. `dlq tasks` shows it, `dlq cancel` stops it"
        )


class Move:
    """A move task of all letters, each back to the queue that it came from.

    Args:
        queue: The queue.
        clock: The time.
        shutdown: Cancels the task that is followed.
        tell: Told of each change of the count.
    """

    def __init__(
        self, queue: DeadLetterQueue, clock: Clock, shutdown: Shutdown, tell: Callable[[MoveTask], None]
    ) -> None:
        self._queue = queue
        self._clock = clock
        self._shutdown = shutdown
        self._tell = tell
        self._handle: str | None = None
        self._earlier: datetime | None = None

    def start(self, rate: int | None) -> str:
        """Start it.

        Args:
            rate: The most to move in a second, 1 to 500; None leaves it to SQS.

        Returns:
            The task's handle.

        Raises:
            TaskRunningError: Another one is at work.
            DeadLettersUnavailableError: AWS refuses, or does not answer.
        """
        newest = next(iter(self._queue.tasks()), None)
        if newest and newest.is_active:
            raise TaskRunningError(newest)
        self._earlier = newest.started_at if newest else None
        self._handle = self._queue.start_moving(rate)
        log.info("dlq.move_started", rate=rate)
        return self._handle

    def follow(self) -> MoveTask:
        """Wait for its end, and cancel it when asked to stop.

        Returns:
            The task as it ended.

        Raises:
            OperationFailedError: It cannot be asked after for long; it goes on without us.
        """
        is_cancelled = False
        told = -1
        for task in iter(self._look, None):
            if task.moved != told:
                told = task.moved
                self._tell(task)
            if not task.is_active:
                return task
            if self._shutdown.is_requested and not is_cancelled:
                self._cancel()
                is_cancelled = True
            self._clock.wait(threading.Event(), LOOK_SECONDS)
        raise OperationFailedError("the move cannot be asked after; it may go on: look with `dlq tasks`")

    def _look(self) -> MoveTask | None:
        """The task as it stands; None after many looks in vain. At first the list may still lack it."""
        for _ in range(_PATIENCE):
            try:
                newest = next(iter(self._queue.tasks()), None)
            except DeadLettersUnavailableError as error:
                log.warning("dlq.look_failed", **error.failure.fields)
                if error.failure.kind is FailureKind.REFUSED:
                    return None
                newest = None
            if newest and (newest.handle == self._handle or newest.started_at != self._earlier):
                return newest
            self._clock.wait(threading.Event(), LOOK_SECONDS)
        return None

    def _cancel(self) -> None:
        try:
            self._queue.cancel(str(self._handle))
        except DeadLettersUnavailableError as error:
            if error.failure.code not in _ENDED_MEANWHILE:
                raise
        log.info("dlq.move_cancelled")
