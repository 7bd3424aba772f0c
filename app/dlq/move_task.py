"""A move task of SQS's: what sends all letters back to where they came from."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef

_ACTIVE = frozenset({"RUNNING", "CANCELLING"})


@dataclass(frozen=True)
class MoveTask:
    """A move task as AWS tells it.

    Args:
        handle: What it is cancelled by; None once it has ended.
        status: RUNNING, COMPLETED, CANCELLING, CANCELLED or FAILED.
        moved: How many it has moved, about.
        to_move: How many there were when it began, about.
        rate: The most it moves in a second; None leaves it to SQS.
        failure: Why it failed, in AWS's word.
        started_at: When it began.
    """

    handle: str | None
    status: str
    moved: int
    to_move: int
    rate: int | None
    failure: str | None
    started_at: datetime

    @classmethod
    def of(cls, entry: "ListMessageMoveTasksResultEntryTypeDef") -> "MoveTask":
        """Read what ListMessageMoveTasks says of it."""
        return cls(
            handle=entry.get("TaskHandle"),
            status=entry.get("Status", ""),
            moved=entry.get("ApproximateNumberOfMessagesMoved", 0),
            to_move=entry.get("ApproximateNumberOfMessagesToMove", 0),
            rate=entry.get("MaxNumberOfMessagesPerSecond"),
            failure=entry.get("FailureReason"),
            started_at=datetime.fromtimestamp(entry.get("StartedTimestamp", 0) / 1000, UTC),
        )

    @property
    def is_active(self) -> bool:
        """Whether it still has something to do."""
        return self.status in _ACTIVE
