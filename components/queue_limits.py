"""What a queue and its dead-letter queue may be set to: AWS's ranges, and what AWS accepts but loses messages.

Ranges are those of `SetQueueAttributes` in the Amazon SQS API reference, and of the redrive policy in the developer
guide.
"""

from dataclasses import dataclass

MINUTE_SECONDS = 60
HOUR_SECONDS = 60 * MINUTE_SECONDS
DAY_SECONDS = 24 * HOUR_SECONDS

VISIBILITY_TIMEOUT_SECONDS = range(12 * HOUR_SECONDS + 1)
MESSAGE_RETENTION_SECONDS = range(MINUTE_SECONDS, 14 * DAY_SECONDS + 1)
RECEIVE_WAIT_TIME_SECONDS = range(20 + 1)
MAX_RECEIVE_COUNT = range(1, 1000 + 1)


@dataclass(frozen=True)
class QueueTiming:
    """The figures that decide how long a message lives and how often it is tried.

    Args:
        visibility_timeout_seconds: How long a received message stays hidden from other consumers. 300 by default: an
            average file takes 90 s.
        message_retention_seconds: How long the queue keeps a message. Four days by default.
        receive_wait_time_seconds: The long poll. 20 by default, the most there is, since empty receives cost money.
        max_receive_count: After how many receives a message goes to the dead-letter queue. 3 by default.
        dlq_message_retention_seconds: How long the dead-letter queue keeps a message. 14 days by default, the most
            there is, since somebody has to look first.
    """

    visibility_timeout_seconds: int = 300
    message_retention_seconds: int = 4 * DAY_SECONDS
    receive_wait_time_seconds: int = 20
    max_receive_count: int = 3
    dlq_message_retention_seconds: int = 14 * DAY_SECONDS


@dataclass(frozen=True)
class Problem:
    """One setting that is not allowed.

    Args:
        field: The setting, as `QueueTiming` names it.
        given: The value that was given.
        allowed: What is allowed, in words.
    """

    field: str
    given: object
    allowed: str


_RANGES = {
    "visibility_timeout_seconds": (VISIBILITY_TIMEOUT_SECONDS, "0 to 43200 seconds (12 hours)"),
    "message_retention_seconds": (MESSAGE_RETENTION_SECONDS, "60 to 1209600 seconds (14 days)"),
    "receive_wait_time_seconds": (RECEIVE_WAIT_TIME_SECONDS, "0 to 20 seconds"),
    "max_receive_count": (MAX_RECEIVE_COUNT, "1 to 1000 receives"),
    "dlq_message_retention_seconds": (MESSAGE_RETENTION_SECONDS, "60 to 1209600 seconds (14 days)"),
}


def timing_problems(timing: QueueTiming) -> list[Problem]:
    """Everything that is wrong with a queue's figures; empty when they are sound.

    Besides AWS's ranges it refuses a dead-letter queue that keeps messages no longer than its source: on a standard
    queue a message keeps its first enqueue time when it moves, so it could expire on arrival (SQS developer guide,
    "Using dead-letter queues").
    """
    problems = [
        Problem(field, value, allowed)
        for field, (permitted, allowed) in _RANGES.items()
        if (value := getattr(timing, field)) not in permitted
    ]
    if problems:
        return problems
    if timing.dlq_message_retention_seconds <= timing.message_retention_seconds:
        problems.append(
            Problem(
                "dlq_message_retention_seconds",
                timing.dlq_message_retention_seconds,
                f"more than the queue's own retention of {timing.message_retention_seconds} seconds, since a message"
                " keeps its first enqueue time when it moves and would expire on arrival",
            )
        )
    return problems
