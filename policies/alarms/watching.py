"""Rules on alarms: a failed message wakes somebody up, and so does work that comes too late."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError
from pydantic import Field

from policies.alarms.alarm import EMITTED_EVERY_SECONDS, Alarm
from policies.alarms.watched import alarms_on
from policies.queues.retention import retention_seconds
from policies.reading.doubt import about
from policies.reading.links import links_of
from policies.reading.resource_types import QUEUE
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

FAILED_MESSAGES = "ApproximateNumberOfMessagesVisible"
LATE_MESSAGES = "ApproximateAgeOfOldestMessage"
_UNITS = {FAILED_MESSAGES: "Count", LATE_MESSAGES: "Seconds"}
"""What SQS tells each in; asked for in another unit there is no data (CloudWatch API reference, PutMetricAlarm)."""

MissingData: TypeAlias = Literal["notBreaching", "missing", "ignore", "breaching"]


class AlarmSettings(RuleSettings):
    """What makes an alarm one that can be relied upon."""

    missing_data: tuple[MissingData, ...] = Field(
        default=("notBreaching",), min_length=1, description="What treatMissingData may say."
    )
    maximum_delay_seconds: int = Field(
        default=3600, ge=60, description="How long what is wrong may last before the alarm can tell."
    )


class FailedMessageSettings(AlarmSettings):
    """From how many failed messages on somebody is told."""

    messages: int = Field(
        default=1, ge=1, description="From how many messages in a dead-letter queue on it must alarm."
    )


def alarm_on_every_dead_letter_queue(queue: Resource, stack: Stack, settings: FailedMessageSettings) -> Violations:
    """Every dead-letter queue has an alarm that a single message sets off, and that missing data does not silence.

    It watches `ApproximateNumberOfMessagesVisible`: `NumberOfMessagesSent` does not count what SQS itself moves (SQS
    developer guide, "Available CloudWatch metrics"). SQS stops emitting metrics of a queue that has been empty and
    untouched for hours, which is how a dead-letter queue ought to be. What missing data then means (CloudWatch user
    guide, "Configuring how alarms treat missing data"):

    - `notBreaching`: all is well, which is true; the first message changes the state, and somebody is told.
    - `missing`, the default: INSUFFICIENT_DATA, the same as of an alarm that watches a queue that does not exist.
    - `ignore`: the state stays what it was; one that stays ALARM cannot be entered again when the next message fails.
    - `breaching`: an empty queue alarms, so that a message that fails changes nothing.

    What sets off an alarm that computes with the metric cannot be told; where there is no other, the queue is left in
    doubt.

    Implements REL05-BP04 (AWS Well-Architected, limit queues); no public scanner asks that there is one.
    """
    if not links_of(stack).is_dead_letter_queue(queue):
        return
    yield from _none_sound(
        queue,
        stack,
        FAILED_MESSAGES,
        lambda alarm: (*_unreliable(alarm, settings), *_not_at_first(alarm, settings.messages)),
        f"failed messages wake nobody; add an alarm on {FAILED_MESSAGES} that one message sets off",
    )


def alarm_on_every_queues_age(queue: Resource, stack: Stack, settings: AlarmSettings) -> Violations:
    """Every queue has an alarm on the age of its oldest message, below the age at which messages expire.

    It goes off when a message has been that old for as long as the alarm waits, so both together are to be less. In a
    dead-letter queue messages grow old until somebody looks; the other rule's alarm has told by then. Implements
    REL05-BP04 (AWS Well-Architected, limit queues); no public scanner asks for it.
    """
    if links_of(stack).is_dead_letter_queue(queue):
        return
    kept = retention_seconds(queue)
    yield from _none_sound(
        queue,
        stack,
        LATE_MESSAGES,
        lambda alarm: (*_unreliable(alarm, settings), *_not_in_time(alarm, kept)),
        f"work that comes too late is seen by nobody; add an alarm on {LATE_MESSAGES}",
    )


def _none_sound(
    queue: Resource, stack: Stack, metric: str, faults: Callable[[Alarm], Sequence[str]], lack: str
) -> Violations:
    """One violation where no alarm on a metric of a queue is without fault; it says what is wrong with those there are.

    Raises:
        UnknownValueError: None is known to be without fault, and of one it is not known yet.
    """
    found: list[str] = []
    unknown: UnknownValueError | None = None
    for alarm in alarms_on(queue, stack):
        try:
            wrong = (
                [*_blind(alarm, queue, stack), *faults(alarm)]
                if alarm.metric == metric
                else [f"watches {alarm.metric}"]
            )
        except UnknownValueError as error:
            unknown = about(alarm.resource, error)
            continue
        if not wrong:
            return
        found.append(f"{alarm.name} {', '.join(wrong)}")
    if unknown:
        raise unknown
    yield "; as it is, ".join([lack, *found])


def _blind(alarm: Alarm, queue: Resource, stack: Stack) -> Iterator[str]:
    """Why an alarm that names the queue never gets to see the metric, and so stays in INSUFFICIENT_DATA."""
    if alarm.unit not in {None, _UNITS[alarm.metric]}:
        yield f"asks for the unit {alarm.unit}, and SQS tells it in {_UNITS[alarm.metric]}; leave unit out"
    if alarm.other_dimensions:
        yield f"asks for {', '.join(alarm.other_dimensions)} besides QueueName, and SQS has no such dimension"
    if place := alarm.elsewhere(queue, stack):
        yield f"looks into {place}, where the queue is not"


def _unreliable(alarm: Alarm, settings: AlarmSettings) -> Iterator[str]:
    if alarm.period_seconds < EMITTED_EVERY_SECONDS:
        yield f"takes periods of {alarm.period_seconds} s, and SQS tells once in {EMITTED_EVERY_SECONDS} s"
    if not alarm.sees_every_value:
        yield f"takes the {alarm.statistic} of {alarm.period_seconds} s, in which one value is lost; take the Maximum"
    if alarm.missing_data not in settings.missing_data:
        yield f"treats missing data as {alarm.missing_data}, not as {' or '.join(settings.missing_data)}"
    if alarm.delay_seconds > settings.maximum_delay_seconds:
        yield f"waits {alarm.delay_seconds} s; {settings.maximum_delay_seconds} s is the most"


def _not_at_first(alarm: Alarm, messages: int) -> Iterator[str]:
    if alarm.is_set_off_by(0):
        yield "is set off by an empty queue"
    if not alarm.is_set_off_by(messages):
        yield f"is not set off by {messages} message(s)"


def _not_in_time(alarm: Alarm, kept_seconds: int) -> Iterator[str]:
    if alarm.is_set_off_by(0):
        yield "is set off by an empty queue"
    if not alarm.is_set_off_by(kept_seconds - 1 - alarm.delay_seconds):
        waits = alarm.delay_seconds
        yield f"is not set off {waits} s, for which it waits, before a message expires at {kept_seconds} s"


DEAD_LETTER_ALARM = StackRule(
    name="dead-letter-queue-alarm",
    description="A failed message wakes somebody up.",
    remediation=(
        "Add a MetricAlarm on the dead-letter queue's ApproximateNumberOfMessagesVisible: Maximum, at least 1,"
        " treatMissingData notBreaching."
    ),
    severity=Severity.HIGH,
    controls=("REL05-BP04",),
    settings=FailedMessageSettings,
    types=frozenset({QUEUE}),
    check=alarm_on_every_dead_letter_queue,
)
AGE_ALARM = StackRule(
    name="queue-age-alarm",
    description="Work that comes too late is seen before it expires.",
    remediation=(
        "Add a MetricAlarm on the queue's ApproximateAgeOfOldestMessage: Maximum, a threshold below the queue's"
        " retention, treatMissingData notBreaching."
    ),
    severity=Severity.MEDIUM,
    controls=("REL05-BP04",),
    settings=AlarmSettings,
    types=frozenset({QUEUE}),
    check=alarm_on_every_queues_age,
)
