"""Cases of the rules on alarms."""

from tests.policies.case import Case
from tests.policies.sound import LEFT_OUT, REGION, Sound, changed, without

_HOUR = 3600
_FAILED, _LATE = "dlq-not-empty", "oldest-message-age"
_RULES = {_FAILED: ("dead-letter-queue-alarm", "dlq"), _LATE: ("queue-age-alarm", "queue")}
"""By alarm, the rule that asks for it, and the queue that it is on."""


def _case(alarm: str, prefix: str, says: str, *, kept: dict[str, object] | None = None, **broken: object) -> Case:
    """A case in which the properties of an alarm make it one that can be relied upon, or do not."""
    sound, (rule, queue) = Sound(prefix), _RULES[alarm]
    return sound.case(
        rule,
        kept=changed(sound.everything(), alarm, **(kept or {})),
        broken=changed(sound.everything(), alarm, **broken),
        at=queue,
        says=says,
    )


def _missing() -> tuple[Case, ...]:
    unheard, unaged = Sound("unheard"), Sound("unaged")
    return (
        unheard.case(
            "dead-letter-queue-alarm",
            broken=without(unheard.everything(), _FAILED),
            at="dlq",
            says="failed messages wake nobody",
        ),
        unaged.case(
            "queue-age-alarm",
            broken=without(unaged.everything(), _LATE),
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
    _case(_FAILED, "sent", "watches NumberOfMessagesSent", metricName="NumberOfMessagesSent"),
    _case(
        _FAILED,
        "averaged",
        "takes the Average of 300 s",
        kept={"period": 300},
        period=300,
        statistic="Average",
    ),
    _case(
        _FAILED,
        "tolerant",
        "is not set off by 1 message(s)",
        kept={"comparisonOperator": "GreaterThanThreshold", "threshold": 0},
        comparisonOperator="GreaterThanThreshold",
        threshold=1,
    ),
    _case(_FAILED, "always", "is set off by an empty queue", threshold=0),
    _case(_FAILED, "downward", "is not set off by 1 message(s)", comparisonOperator="LessThanThreshold"),
    _case(_FAILED, "inconclusive", "treats missing data as missing", treatMissingData=LEFT_OUT),
    _case(_FAILED, "stuck", "treats missing data as ignore", treatMissingData="ignore"),
    _case(_FAILED, "shrill", "treats missing data as breaching", treatMissingData="breaching"),
    _case(_FAILED, "sleepy", "waits 7200 s", kept={"period": _HOUR}, period=_HOUR, evaluationPeriods=2),
    _case(
        _FAILED,
        "elsewhere",
        "failed messages wake nobody",
        dimensions={"QueueName": Sound("elsewhere").queue_name},
    ),
    _case(
        _LATE,
        "late",
        "is not set off 60 s, for which it waits, before a message expires at 345600 s",
        kept={"threshold": 345_539},
        threshold=345_540,
    ),
    _case(
        _LATE,
        "slow",
        "is not set off 3600 s, for which it waits, before a message expires",
        kept={"threshold": 341_999, "evaluationPeriods": 60},
        threshold=342_000,
        evaluationPeriods=60,
    ),
    _case(_LATE, "uncounted", "asks for the unit Count, and SQS tells it in Seconds", unit="Count"),
    _case(
        _FAILED,
        "unpublished",
        "asks for the unit Seconds, and SQS tells it in Count",
        kept={"unit": "Count"},
        unit="Seconds",
    ),
    _case(
        _FAILED,
        "abroad",
        "looks into eu-west-1, where the queue is not",
        kept={"region": REGION},
        region="eu-west-1",
    ),
    _case(
        _FAILED,
        "overspecified",
        "asks for Region besides QueueName",
        dimensions={"QueueName": Sound("overspecified").dlq_name, "Region": REGION},
    ),
    _case(_FAILED, "hurried", "takes periods of 10 s, and SQS tells once in 60 s", period=10),
    _case(_LATE, "quiet", "treats missing data as ignore", treatMissingData="ignore"),
    *_actions(),
)
