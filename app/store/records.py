"""What the store hands out: plain values, detached from any database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    """Where a prediction stands.

    QUEUED → PROCESSING → COMPLETED or FAILED. A transient failure leads back to QUEUED. A failed one is worked on again
    only when a new message asks for it, which is what a redrive sends.
    """

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class NewPrediction:
    """A prediction that is asked for.

    Args:
        prediction_id: Its id.
        user_id: Whose it is.
        upload_id: The upload that it is made from.
        s3_file_path: Where that upload lies.
        priority: low, normal or high.
    """

    prediction_id: UUID
    user_id: str
    upload_id: UUID
    s3_file_path: str
    priority: str = "normal"

    def as_recorded(self, created_at: datetime) -> "Prediction":
        """It as the store has it once it is recorded: QUEUED, and not yet published."""
        return Prediction(
            prediction_id=self.prediction_id,
            user_id=self.user_id,
            upload_id=self.upload_id,
            s3_file_path=self.s3_file_path,
            priority=self.priority,
            state=State.QUEUED,
            created_at=created_at,
            published_at=None,
            message_id=None,
            attempt=0,
            finished_at=None,
            result_path=None,
            summary=None,
            failure_code=None,
            failure_reason=None,
        )


@dataclass(frozen=True)
class Prediction:
    """One prediction as the store knows it.

    Args:
        prediction_id: Its id.
        user_id: Whose it is.
        upload_id: The upload that it is made from.
        s3_file_path: Where that upload lies.
        priority: low, normal or high.
        state: Where it stands.
        created_at: When it was asked for.
        published_at: When its message was sent; None while it waits for that.
        message_id: The message that was sent for it.
        attempt: How often it has been claimed.
        finished_at: When it was completed or failed.
        result_path: Where its scores lie, once completed.
        summary: What the model said in sum, once completed.
        failure_code: Why the last attempt failed, as a stable code.
        failure_reason: The same in words.
    """

    prediction_id: UUID
    user_id: str
    upload_id: UUID
    s3_file_path: str
    priority: str
    state: State
    created_at: datetime
    published_at: datetime | None
    message_id: str | None
    attempt: int
    finished_at: datetime | None
    result_path: str | None
    summary: Mapping[str, object] | None
    failure_code: str | None
    failure_reason: str | None


@dataclass(frozen=True)
class Claim:
    """The right to work on a prediction: whoever commits must still hold the newest attempt.

    Args:
        prediction_id: Which prediction.
        attempt: The number of this attempt, from 1.
        failures: How many earlier attempts have failed, or ended without a word; not those that a shutdown cut short.
    """

    prediction_id: UUID
    attempt: int
    failures: int = field(default=0, compare=False)


class ClaimRefusal(StrEnum):
    """Why a prediction could not be claimed."""

    COMPLETED = "completed"
    """It is done; nothing is left to do."""
    FAILED = "failed"
    """It has failed for good under this very message."""
    HELD = "held"
    """Somebody else is working on it, and their lease has not run out."""
    UNKNOWN = "unknown"
    """There is no such prediction."""


@dataclass(frozen=True)
class Rejection:
    """A message that was refused. It stands beside the prediction that it named and changes nothing of it.

    Args:
        message_id: The message's id in SQS.
        code: Why, as a stable code.
        reason: Why, in words.
        prediction_id: The prediction that it named, where it could be read.
        receives: How often it has been received so far.
        first_at: When it was refused first.
        last_at: When it was refused last.
    """

    message_id: str
    code: str
    reason: str
    prediction_id: str | None
    receives: int
    first_at: datetime
    last_at: datetime
