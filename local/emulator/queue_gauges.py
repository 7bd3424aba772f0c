"""A queue's gauges, computed from its messages as AWS defines its CloudWatch metrics.

Pure: no clock, no store. Source: "Available CloudWatch metrics for Amazon SQS"
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

POISON_RECEIVES: Final = 3
"""A message received more often than this no longer counts for the age of the oldest message."""


@dataclass(frozen=True)
class Message:
    """What of a message decides the gauges.

    Args:
        entered_at: When it was sent, or, in a dead-letter queue, when it was moved there; epoch seconds.
        visible_at: When it can be received (again); epoch seconds.
        receives: How often it has been received in this queue.
    """

    entered_at: float
    visible_at: float
    receives: int


def gauges(messages: Iterable[Message], now: float) -> dict[str, float]:
    """Computes a queue's gauges.

    Args:
        messages: All that are in the queue, in flight and delayed ones included.
        now: Epoch seconds.

    Returns:
        A value for each metric, named as in the namespace AWS/SQS. The age is in seconds, 0 for an empty queue; a
        message received more than `POISON_RECEIVES` times is left out of it.
    """
    counts = {"Visible": 0, "NotVisible": 0, "Delayed": 0}
    oldest = 0.0
    for message in messages:
        if message.visible_at <= now:
            counts["Visible"] += 1
        elif message.receives:
            counts["NotVisible"] += 1
        else:
            counts["Delayed"] += 1
        if message.receives <= POISON_RECEIVES:
            oldest = max(oldest, now - message.entered_at)
    return {f"ApproximateNumberOfMessages{name}": float(count) for name, count in counts.items()} | {
        "ApproximateAgeOfOldestMessage": float(int(oldest))
    }
