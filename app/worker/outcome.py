"""What came of one delivery, and so what is to be done with its message."""

from enum import StrEnum


class Outcome(StrEnum):
    """What came of one delivery. The names are those of the worker's counts."""

    COMPLETED = "completed"
    """The prediction is committed. Delete the message."""
    DUPLICATE = "duplicates"
    """It had been committed before. Delete the message."""
    RENEWED = "renewed"
    """It may succeed later, but this was the message's last delivery: the outbox holds a new one. Delete this one."""
    REJECTED = "rejected"
    """The message is refused, and recorded. Give it back at once, so that redrive takes it to the dead-letter queue."""
    FAILED = "failed"
    """The prediction cannot succeed, and its record says why. As for a rejected one."""
    RETRY = "retried"
    """It may succeed later. Hide the message for a while."""
    STORE_DOWN = "store_down"
    """The store did not answer. As for one that is retried; and receive no more until it does."""
    BUSY = "busy"
    """Somebody else is at work on it. Hide the message for longer than their lease lasts."""
    LEASE_LOST = "lease_lost"
    """The message is not ours any more. Leave it alone."""
