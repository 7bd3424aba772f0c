"""What the outbox hands out and takes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.store.records import Prediction
from app.telemetry.trace_context import TraceContext


@dataclass(frozen=True)
class OutboxEntry:
    """A message that is still to be sent.

    Args:
        prediction: What it is to say.
        attempts: How often sending it has failed.
        trace: The trace in which the prediction was asked for; None where that was not traced.
    """

    prediction: Prediction
    attempts: int
    trace: TraceContext | None = None


@dataclass(frozen=True)
class OutboxLease:
    """The right to send some entries' messages.

    Args:
        lease_id: What it is settled by.
        entries: The entries, the longest due first.
    """

    lease_id: UUID
    entries: Sequence[OutboxEntry]


@dataclass(frozen=True)
class Postponed:
    """A message that could not be sent.

    Args:
        prediction_id: Whose it is.
        error_code: Why, as a stable code: AWS's own where AWS refused.
        due_at: When to try again.
    """

    prediction_id: UUID
    error_code: str
    due_at: datetime


@dataclass(frozen=True)
class Backlog:
    """What the outbox holds.

    Args:
        waiting: How many messages are still to be sent.
        oldest_at: Since when the oldest has been; None where nothing waits.
    """

    waiting: int
    oldest_at: datetime | None
