"""The life of one move task: which of its messages are due, and when it has ended.

Sources: StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask in the SQS API reference
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasksResultEntry.html).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

MAX_RATE: Final = 500
"""The most messages that a task moves in a second, and what it moves where no rate is given."""


class Status(StrEnum):
    """Where a task stands."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class MoveFailedError(Exception):
    """A message cannot be moved, and so the task ends.

    Args:
        reason: As AWS tells it, such as `CouldNotDetermineMessageSource`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotRunningError(Exception):
    """Only a running task can be cancelled."""


class Letters(Protocol):
    """The messages that a task moves."""

    def is_empty(self) -> bool:
        """Says whether nothing is left to move."""
        ...

    def move_one(self) -> bool:
        """Moves the oldest of them.

        Returns:
            Whether there was one.

        Raises:
            MoveFailedError: It cannot be moved; it stays where it was.
        """
        ...


@dataclass
class MoveTask:
    """One task.

    Args:
        handle: What it is cancelled by.
        source_arn: The dead-letter queue.
        destination_arn: Where all messages go; None for each message's own source.
        rate: Messages a second, 1 to 500; None leaves it to SQS.
        started_at: Epoch seconds.
        to_move: How many messages there were to move when it started.
        moved: How many it has moved.
        status: Where it stands.
        failure_reason: Why it failed.
    """

    handle: str
    source_arn: str
    destination_arn: str | None
    rate: int | None
    started_at: float
    to_move: int
    moved: int = 0
    status: Status = Status.RUNNING
    failure_reason: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it still has something to do."""
        return self.status in {Status.RUNNING, Status.CANCELLING}

    def advance(self, now: float, letters: Letters) -> None:
        """Moves what is due by now, and ends when nothing is left.

        Args:
            now: Epoch seconds.
            letters: What it moves.
        """
        if self.status is Status.CANCELLING:
            self.status = Status.CANCELLED
        if self.status is not Status.RUNNING:
            return
        due = int((now - self.started_at) * (self.rate or MAX_RATE))
        try:
            while self.moved < due and letters.move_one():
                self.moved += 1
        except MoveFailedError as error:
            self.fail(error.reason)
            return
        if letters.is_empty():
            self.status = Status.COMPLETED

    def fail(self, reason: str) -> None:
        """Ends it.

        Args:
            reason: As AWS tells it.
        """
        self.status, self.failure_reason = Status.FAILED, reason

    def cancel(self) -> int:
        """Asks it to stop; what has been moved stays moved.

        Returns:
            How many messages it has moved.

        Raises:
            NotRunningError: It has ended, or is being cancelled already.
        """
        if self.status is not Status.RUNNING:
            raise NotRunningError
        self.status = Status.CANCELLING
        return self.moved

    def entry(self) -> dict[str, str | int]:
        """The task as ListMessageMoveTasks tells it, without what does not apply; an ended one has no handle either."""
        told = {
            "TaskHandle": self.handle if self.status is Status.RUNNING else None,
            "Status": self.status.value,
            "SourceArn": self.source_arn,
            "DestinationArn": self.destination_arn,
            "MaxNumberOfMessagesPerSecond": self.rate,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure_reason,
            "StartedTimestamp": int(self.started_at * 1000),
        }
        return {name: value for name, value in told.items() if value is not None}
