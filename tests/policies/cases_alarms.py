"""Cases of the rules on alarms."""

from tests.policies.case import Case
from tests.policies.sound import LEFT_OUT, Sound, changed, without

_HOUR = 3600


def _dlq_case(prefix: str, says: str, *, kept: dict[str, object] | None = None, **broken: object) -> Case:
    """A case in which the dead-letter queue's alarm would tell of a failed message, or would not."""
    sound, alarm = Sound(prefix).everything(), "dlq-not-empty"
    return Sound(prefix).case(
        "dead-letter-queue-alarm",
        kept=changed(sound, alarm, **(kept or {})),
        broken=changed(sound, alarm, **broken),
        at="dlq",
        says=says,
    )


def _age_case(prefix: str, says: str, *, kept: dict[str, object] | None = None, **broken: object) -> Case:
    """A case in which the alarm on the age of the oldest message would tell in time, or would not."""
    sound, alarm = Sound(prefix).everything(), "oldest-message-age"
    return Sound(prefix).case(
        "queue-age-alarm",
        kept=changed(sound, alarm, **(kept or {})),
        broken=changed(sound, alarm, **broken),
        at="queue",
        says=says,
    )


def _missing() -> tuple[Case, ...]:
    unheard, unaged = Sound("unheard"), Sound("unaged")
    return (
        unheard.case(
            "dead-letter-queue-alarm",
            broken=without(unheard.everything(), "dlq-not-empty"),
            at="dlq",
            says="failed messages wake nobody",
        ),
        unaged.case(
            "queue-age-alarm",
            broken=without(unaged.everything(), "oldest-message-age"),
            at="queue",
            says="work that comes too late is seen by nobody",
        ),
    )


def _actions() -> tuple[Case, ...]:
    rule, mute, off = "alarm-has-actions", Sound("mute", "prod"), Sound("off", "prod")
    return (
        mute.case(
            rule,
            broken=changed(mute.everything(), "dlq-not-empty", alarmActions=LEFT_OUT),
            at="dlq-not-empty",
            says="does nothing when it goes off in prod",
        ),
        off.case(
            rule,
            broken=changed(off.everything(), "oldest-message-age", actionsEnabled=False),
            at="oldest-message-age",
            says="actions are off in prod",
        ),
    )


CASES = (
    *_missing(),
    _dlq_case("sent", "watches NumberOfMessagesSent", metricName="NumberOfMessagesSent"),
    _dlq_case(
        "averaged",
        "takes the Average of 300 s",
        kept={"period": 300},
        period=300,
        statistic="Average",
    ),
    _dlq_case(
        "tolerant",
        "is not set off by 1 message(s)",
        kept={"comparisonOperator": "GreaterThanThreshold", "threshold": 0},
        comparisonOperator="GreaterThanThreshold",
        threshold=1,
    ),
    _dlq_case("always", "is set off by an empty queue", threshold=0),
    _dlq_case("downward", "is not set off by 1 message(s)", comparisonOperator="LessThanThreshold"),
    _dlq_case("inconclusive", "treats missing data as missing", treatMissingData=LEFT_OUT),
    _dlq_case("stuck", "treats missing data as ignore", treatMissingData="ignore"),
    _dlq_case("shrill", "treats missing data as breaching", treatMissingData="breaching"),
    _dlq_case("sleepy", "waits 7200 s", kept={"period": _HOUR}, period=_HOUR, evaluationPeriods=2),
    _dlq_case(
        "elsewhere",
        "failed messages wake nobody",
        dimensions={"QueueName": Sound("elsewhere").queue_name},
    ),
    _age_case(
        "late", "is not set off before a message expires at 345600 s", kept={"threshold": 345_599}, threshold=345_600
    ),
    _age_case("quiet", "treats missing data as ignore", treatMissingData="ignore"),
    *_actions(),
)
