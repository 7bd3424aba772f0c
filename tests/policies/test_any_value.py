"""No rule fails on a property, whatever it holds: what cannot be read is told, or left in doubt in words."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.alarms import ALARM_RULES
from policies.queues import QUEUE_RULES
from policies.stack import STACK_RULES
from tests.policies.cases_stack import task
from tests.policies.sound import LEFT_OUT, Sound, changed
from tests.policies.test_any_document import JSON
from tests.policy_harness.declared import Declared
from tests.policy_harness.pack import PackUnderTest

SOUND = Sound("x", "prod")
EVERYTHING = (*SOUND.everything(), task(SOUND))
DEEP, LONG = "[" * 100_000, "1" * 5_000
ODD = [DEEP, LONG, "5m", "inf", "[[]]"]
PLACES: Mapping[str, tuple[str, ...]] = {
    "queue": (
        "redrivePolicy",
        "redriveAllowPolicy",
        "visibilityTimeoutSeconds",
        "messageRetentionSeconds",
        "receiveWaitTimeSeconds",
        "maxMessageSize",
        "kmsDataKeyReusePeriodSeconds",
        "fifoQueue",
        "name",
        "region",
        "tags",
    ),
    "dlq-redrive-allow": ("redriveAllowPolicy", "queueUrl"),
    "task": ("containerDefinitions", "tags", "family"),
    "dlq-not-empty": (
        "threshold",
        "period",
        "evaluationPeriods",
        "datapointsToAlarm",
        "dimensions",
        "metricQueries",
        "metricName",
        "unit",
        "alarmActions",
        "actionsEnabled",
    ),
}
PLACED = [(suffix, name) for suffix, names in PLACES.items() for name in names]


@pytest.fixture(scope="module")
def pack() -> PackUnderTest:
    return PackUnderTest([rule.as_policy() for rule in (*QUEUE_RULES, *ALARM_RULES, *STACK_RULES)], stack="prod")


def _says_something(pack: PackUnderTest, resources: tuple[Declared, ...]) -> None:
    outcome = pack.preview(resources)
    assert all(one.message for one in (*outcome.violations, *outcome.undecided))


@pytest.mark.parametrize("text", ODD, ids=lambda text: text[:8])
def test_no_rule_fails_on_an_odd_text(pack: PackUnderTest, text: str) -> None:
    for suffix, name in PLACED:
        _says_something(pack, changed(EVERYTHING, suffix, **{name: text}))


COUNTS = st.sampled_from([3, 3.0, "3", "3.0", LONG, "1e400", "nan", -1, None, "{"])
ARNS = st.sampled_from([SOUND.dlq_arn, SOUND.queue_arn, "arn:::::", "", "*"])
REDRIVES = st.fixed_dictionaries({}, optional={"deadLetterTargetArn": ARNS | JSON, "maxReceiveCount": COUNTS | JSON})
ALLOWED = st.fixed_dictionaries(
    {},
    optional={
        "redrivePermission": st.sampled_from(["byQueue", "allowAll"]) | JSON,
        "sourceQueueArns": ARNS | st.lists(ARNS | JSON, max_size=3) | JSON,
    },
)
VARIABLES = st.fixed_dictionaries({}, optional={"name": st.just("DB_PASSWORD") | JSON, "value": ARNS | JSON})
CONTAINERS = st.lists(
    st.fixed_dictionaries({}, optional={"environment": st.lists(VARIABLES | JSON, max_size=2) | JSON}) | JSON,
    max_size=2,
)
METRICS = st.fixed_dictionaries(
    {},
    optional={
        "namespace": st.just("AWS/SQS"),
        "metricName": st.just("ApproximateNumberOfMessagesVisible") | JSON,
        "dimensions": st.just({"QueueName": SOUND.dlq_name}) | JSON,
        "period": COUNTS | JSON,
        "stat": st.just("Maximum") | JSON,
    },
)
QUERIES = st.lists(
    st.fixed_dictionaries({}, optional={"metric": METRICS | JSON, "expression": JSON, "accountId": JSON}) | JSON,
    max_size=2,
)
VALUES = REDRIVES | ALLOWED | CONTAINERS | QUERIES | COUNTS | JSON


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(place=st.sampled_from(PLACED), value=VALUES, as_text=st.booleans())
def test_no_rule_fails_on_a_value(pack: PackUnderTest, place: tuple[str, str], value: object, *, as_text: bool) -> None:
    suffix, name = place
    given = json.dumps(value) if as_text else value
    resources = changed(EVERYTHING, suffix, **{name: given})
    if name == "metricQueries":
        resources = changed(resources, suffix, metricName=LEFT_OUT)
    _says_something(pack, resources)
