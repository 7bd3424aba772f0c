"""What cases do not show of the rules on alarms: alarms on several metrics, composite alarms, what is not known yet."""

from dataclasses import replace

import pytest

from policies.alarms.alarm_actions import ALARM_ACTIONS
from policies.alarms.watching import AGE_ALARM, DEAD_LETTER_ALARM
from tests.policies.judging import judged
from tests.policies.sound import ACCOUNT, LEFT_OUT, REGION, TOPIC, Sound, changed, without
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import Outcome, PackUnderTest

SOUND = Sound("x")
SILENT = without(SOUND.everything(), "dlq-not-empty")
PROD = Sound("x", "prod")


def by_query(*, expression: str | None = None, period: int = 60, **more: object) -> Declared:
    """An alarm on the dead-letter queue by `metricQueries`."""
    metric = {
        "namespace": "AWS/SQS",
        "metricName": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": SOUND.dlq_name},
        "stat": "Maximum",
        "period": period,
    }
    queries: list[dict[str, object]] = [{"id": "m", "metric": metric, "returnData": expression is None, **more}]
    if expression:
        queries.append({"id": "e", "expression": expression, "returnData": True})
    return Declared(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "x-by-query",
        {
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 0,
            "evaluationPeriods": 1,
            "treatMissingData": "notBreaching",
            "metricQueries": queries,
        },
    )


def test_an_alarm_that_queries_the_metric_counts() -> None:
    assert judged(DEAD_LETTER_ALARM, *SILENT, by_query()) == []


def test_an_alarm_that_computes_with_the_metric_leaves_a_queue_without_another_in_doubt() -> None:
    outcome = _outcome(*SILENT, by_query(expression="m * 0"))
    assert outcome.violations == ()
    assert "x-by-query.metricQueries computes with the metric" in outcome.undecided[0].message
    assert judged(DEAD_LETTER_ALARM, *SOUND.everything(), by_query(expression="m * 0")) == []


def test_an_alarm_that_looks_into_another_account_does_not_count() -> None:
    assert judged(DEAD_LETTER_ALARM, *SILENT, by_query(accountId=ACCOUNT)) == []
    (message,) = judged(DEAD_LETTER_ALARM, *SILENT, by_query(accountId="999988887777"))
    assert "x-by-query looks into 999988887777, where the queue is not" in message


def test_a_queue_whose_name_is_not_known_is_the_one_that_is_blamed() -> None:
    outcome = _outcome(*changed(SOUND.everything(), "dlq", name=UNKNOWN))
    assert outcome.violations == ()
    assert "string value at .x-dlq.name" in outcome.undecided[0].message
    assert "x-dlq-not-empty" not in outcome.undecided[0].message


def test_one_sound_alarm_suffices_whatever_the_others_are() -> None:
    broken = replace(SOUND.dlq_alarm(), name="x-broken", properties={**SOUND.dlq_alarm().properties, "threshold": 9})
    assert judged(DEAD_LETTER_ALARM, broken, *SOUND.everything()) == []


@pytest.mark.parametrize(
    ("operator", "threshold", "kept"),
    [
        ("GreaterThanOrEqualToThreshold", 1, True),
        ("GreaterThanOrEqualToThreshold", 0.5, True),
        ("GreaterThanOrEqualToThreshold", 1.5, False),
        ("GreaterThanThreshold", 0, True),
        ("GreaterThanThreshold", 0.9, True),
        ("GreaterThanThreshold", 1, False),
        ("GreaterThanThreshold", -1, False),
        ("LessThanOrEqualToThreshold", 1, False),
        ("GreaterThanUpperThreshold", 0, False),
    ],
)
def test_one_message_sets_it_off_and_none_does_not(
    operator: str,
    threshold: float,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "dlq-not-empty", comparisonOperator=operator, threshold=threshold)
    assert (judged(DEAD_LETTER_ALARM, *resources) == []) is kept


@pytest.mark.parametrize(
    ("statistic", "period", "kept"),
    [
        ("Maximum", 300, True),
        ("Sum", 300, True),
        ("Average", 60, True),
        ("Minimum", 60, True),
        ("Average", 300, False),
        ("Minimum", 300, False),
        ("SampleCount", 60, False),
        (LEFT_OUT, 60, False),
    ],
)
def test_a_statistic_loses_no_message(
    statistic: str | None,
    period: int,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "dlq-not-empty", statistic=statistic, period=period)
    assert (judged(DEAD_LETTER_ALARM, *resources) == []) is kept


def test_what_is_doubtful_is_configured() -> None:
    resources = changed(SOUND.everything(), "dlq-not-empty", treatMissingData="ignore", threshold=5)
    assert judged(DEAD_LETTER_ALARM, *resources, missingData=["ignore"], messages=5) == []
    (message,) = judged(DEAD_LETTER_ALARM, *resources, maximumDelaySeconds=60)
    assert "as ignore, not as notBreaching, is not set off by 1 message(s)" in message


@pytest.mark.parametrize(
    ("periods", "of", "kept"), [(60, 60, True), (61, 61, False), (90, 60, True), (90, LEFT_OUT, False)]
)
def test_it_tells_within_an_hour(
    periods: int,
    of: int | None,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "dlq-not-empty", evaluationPeriods=periods, datapointsToAlarm=of)
    assert (judged(DEAD_LETTER_ALARM, *resources) == []) is kept


@pytest.mark.parametrize(("threshold", "kept"), [(345_539, True), (345_540, False), (0, False), (1, True)])
def test_an_age_alarm_goes_off_before_a_message_expires(
    threshold: int,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(SOUND.everything(), "oldest-message-age", threshold=threshold)
    assert (judged(AGE_ALARM, *resources) == []) is kept
    assert judged(AGE_ALARM, *changed(resources, "queue", messageRetentionSeconds=900), missingData=["missing"]) != []


def _of_unknown_queue(source: str) -> Declared:
    alarm = SOUND.dlq_alarm()
    properties = {**alarm.properties, "dimensions": {"QueueName": UNKNOWN}}
    return replace(alarm, properties=properties, sources={"dimensions": [source]})


def _outcome(*resources: Declared) -> Outcome:
    return PackUnderTest([DEAD_LETTER_ALARM.as_policy()]).preview(resources)


def test_an_alarm_made_from_the_queues_name_is_on_it_before_the_name_is_known() -> None:
    found = _outcome(*SILENT, _of_unknown_queue("x-dlq"))
    assert (found.violations, found.undecided) == ((), ())
    other = _outcome(*SILENT, _of_unknown_queue("x-queue"))
    assert [one.resource for one in other.violations] == ["x-dlq"]


def test_an_alarm_whose_threshold_is_not_known_yet_leaves_the_queue_in_doubt() -> None:
    outcome = _outcome(*changed(SOUND.everything(), "dlq-not-empty", threshold=UNKNOWN))
    assert outcome.violations == ()
    assert "threshold" in outcome.undecided[0].message


def composite(name: str, rule: str, *, actions: bool = True, **more: object) -> Declared:
    return Declared(
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        name,
        {"alarmName": name, "alarmRule": rule, **({"alarmActions": [TOPIC]} if actions else {}), **more},
    )


MUTE = changed(PROD.everything(), "dlq-not-empty", alarmActions=LEFT_OUT, region=REGION)
ALARM = str(PROD.dlq_alarm().properties["name"])


def acting(*resources: Declared) -> list[str]:
    """What the rule on actions says in prod."""
    outcome = PackUnderTest([ALARM_ACTIONS.as_policy()], stack="prod").preview(resources)
    assert not outcome.undecided
    return [one.resource for one in outcome.violations]


@pytest.mark.parametrize(
    "rule",
    [
        f'ALARM("{ALARM}")',
        f"ALARM({ALARM}) OR ALARM(other)",
        f"(OK(other) AND (NOT OK({ALARM}))) OR FALSE",
        f"ALARM({ALARM}) AND NOT(ALARM(other))",
        f'NOT ALARM("quiet") AND ALARM( "arn:aws:cloudwatch:us-east-1:123456789012:alarm:{ALARM}" )',
    ],
)
def test_a_composite_alarm_acts_for_those_that_set_it_off(rule: str) -> None:
    assert acting(*MUTE, composite("all", rule)) == []
    assert acting(*MUTE, composite("all", rule, actionsEnabled=False)) == ["x-dlq-not-empty", "all"]


@pytest.mark.parametrize(
    "rule",
    [
        f'OK("{ALARM}")',
        f'ALARM("{ALARM}-2")',
        f'NOT ALARM("{ALARM}")',
        f"NOT (ALARM({ALARM}))",
        f"not ALARM({ALARM})",
        f"ALARM({ALARM}) AND FALSE",
        f"ALARM({ALARM}) AND ALARM(other)",
        f"ALARM({ALARM}) OR TRUE",
        f"INSUFFICIENT_DATA({ALARM})",
        "ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:" + ALARM + ")",
        "TRUE",
    ],
)
def test_a_composite_alarm_does_not_act_for_others(rule: str) -> None:
    assert acting(*MUTE, composite("all", rule)) == ["x-dlq-not-empty"]


@pytest.mark.parametrize("rule", ["", "ALARM(", f"ALARM({ALARM}) ALARM(other)", f"ALARM({ALARM}) XOR TRUE", "(" * 9999])
def test_a_rule_that_cannot_be_read_is_told(rule: str) -> None:
    outcome = PackUnderTest([ALARM_ACTIONS.as_policy()], stack="prod").preview([*MUTE, composite("all", rule)])
    told = {one.resource: one.message for one in outcome.violations}
    assert told.keys() == {"x-dlq-not-empty", "all"}
    assert "its alarmRule cannot be read" in told["all"]


def test_a_composite_alarm_that_the_alarm_suppresses_does_not_act_for_it() -> None:
    suppressed = composite("all", f"ALARM({ALARM})", actionsSuppressor={"alarm": ALARM})
    assert acting(*MUTE, suppressed) == ["x-dlq-not-empty"]
    assert acting(*MUTE, composite("all", f"ALARM({ALARM})", actionsSuppressor={"alarm": "deploying"})) == []
    assert acting(composite("all", "ALARM(other)", actionsSuppressor={"alarm": "all"})) == ["all"]


def test_a_composite_alarm_of_another_region_does_not_act() -> None:
    assert acting(*MUTE, composite("all", f"ALARM({ALARM})", region="eu-west-1")) == ["x-dlq-not-empty"]
    assert acting(*MUTE, composite("all", f"ALARM({ALARM})", region=REGION)) == []


def test_an_empty_action_is_none() -> None:
    assert acting(*changed(PROD.everything(), "dlq-not-empty", alarmActions=["", " "])) == ["x-dlq-not-empty"]


def test_composite_alarms_act_for_composite_alarms_in_circles_too() -> None:
    chain = (
        composite("low", f'ALARM("{ALARM}") OR ALARM("high")', actions=False),
        composite("high", 'ALARM("low")'),
    )
    assert acting(*MUTE, *chain) == []
    assert acting(*MUTE, composite("low", f'ALARM("{ALARM}") OR ALARM("low")', actions=False)) == [
        "x-dlq-not-empty",
        "low",
    ]


def test_a_composite_alarm_made_from_the_alarm_acts_before_its_rule_is_known() -> None:
    made = replace(composite("all", UNKNOWN), sources={"alarmRule": ["x-dlq-not-empty"]})
    assert acting(*MUTE, made) == []


def test_a_topic_that_is_not_known_yet_is_an_action() -> None:
    assert acting(*changed(PROD.everything(), "dlq-not-empty", alarmActions=[UNKNOWN])) == []


def test_elsewhere_alarms_need_no_actions_unless_configured() -> None:
    assert judged(ALARM_ACTIONS, *MUTE) == []
    (message,) = judged(ALARM_ACTIONS, *MUTE, environments=["dev"])
    assert "in dev" in message
