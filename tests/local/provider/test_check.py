import json

import pytest

from local.provider.check import Subject, check
from local.provider.configuration import Configuration, read_configuration
from local.provider.properties import UNKNOWN, Value, Values
from local.provider.table import RESOURCES

QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
REDRIVE_ALLOW = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
METRIC: dict[str, Value] = {
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 1,
    "metricName": "m",
    "namespace": "n",
    "period": 60,
    "statistic": "Maximum",
    "threshold": 0,
}


def configuration(**settings: Value) -> Configuration:
    return read_configuration({"region": "us-east-1", **settings}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})


def checked(token: str, new: Values, old: Values | None = None, **settings: Value) -> dict[str, Value]:
    inputs, failures = check(RESOURCES[token], Subject("it", b"seed"), old or {}, new, configuration(**settings))
    assert not failures
    return inputs


def refused(token: str, new: Values) -> dict[str, str]:
    return dict(check(RESOURCES[token], Subject("it", b"seed"), {}, new, configuration()).failures)


def test_inputs_gain_region_tags_and_the_defaults_that_say_something() -> None:
    assert checked(QUEUE, {"name": "jobs", "tags": {"a": "b"}}, defaultTags={"tags": {"team": "x"}}) == {
        "name": "jobs",
        "tags": {"a": "b"},
        "tagsAll": {"a": "b", "team": "x"},
        "region": "us-east-1",
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "visibilityTimeoutSeconds": 30,
        "__defaults": ["maxMessageSize", "messageRetentionSeconds", "visibilityTimeoutSeconds"],
    }


def test_iam_has_no_region() -> None:
    assert "region" not in checked(ROLE, {"assumeRolePolicy": TRUST})


def test_a_name_is_made_once_and_kept() -> None:
    first = checked(QUEUE, {})
    assert isinstance(first["__defaults"], list)
    assert "name" in first["__defaults"]
    again, _ = check(RESOURCES[QUEUE], Subject("it", b"another seed"), first, {}, configuration())
    assert again["name"] == first["name"]


def test_a_name_that_the_program_gave_is_not_kept_when_it_is_taken_away() -> None:
    first = checked(QUEUE, {"name": "jobs"})
    assert checked(QUEUE, {}, first)["name"] != "jobs"


def test_a_fifo_queue_is_named_so() -> None:
    assert str(checked(QUEUE, {"fifoQueue": True})["name"]).endswith(".fifo")


def test_with_a_prefix_the_name_is_left_to_the_creation() -> None:
    inputs = checked(QUEUE, {"namePrefix": "jobs-"})
    assert "name" not in inputs


def test_unknown_inputs_pass_and_stay_unknown() -> None:
    inputs = checked(
        QUEUE,
        {"name": UNKNOWN, "redrivePolicy": UNKNOWN, "visibilityTimeoutSeconds": UNKNOWN, "tags": {"of": UNKNOWN}},
    )
    assert inputs["name"] is UNKNOWN
    assert inputs["redrivePolicy"] is UNKNOWN
    assert inputs["tags"] == {"of": UNKNOWN}
    assert inputs["tagsAll"] is UNKNOWN


def test_values_are_read_as_leniently_as_by_the_official_provider() -> None:
    inputs = checked(
        QUEUE,
        {"name": "jobs.fifo", "fifoQueue": "true", "delaySeconds": "5", "tags": {"n": 1, "yes": True, "no": None}},
    )
    assert inputs["fifoQueue"] is True
    assert inputs["delaySeconds"] == 5
    assert inputs["tags"] == {"n": "1", "yes": "true"}


def test_a_document_may_be_an_object() -> None:
    statement: dict[str, Value] = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    assert checked(POLICY, {"policy": {"Version": "2012-10-17", "Statement": [statement]}})["policy"] == (
        '{"Statement":[{"Action":"sqs:SendMessage","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}'
    )
    assert checked(POLICY, {"policy": {"Statement": [{"Resource": UNKNOWN}]}})["policy"] is UNKNOWN


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("visibilityTimeoutSeconds", 43201, "0 to 43200"),
        ("visibilityTimeoutSeconds", -1, "0 to 43200"),
        ("messageRetentionSeconds", 59, "60 to 1209600"),
        ("messageRetentionSeconds", 1209601, "60 to 1209600"),
        ("receiveWaitTimeSeconds", 21, "0 to 20"),
        ("delaySeconds", 901, "0 to 900"),
        ("maxMessageSize", 1023, "1024 to 1048576"),
        ("maxMessageSize", 1048577, "1024 to 1048576"),
        ("kmsDataKeyReusePeriodSeconds", 59, "60 to 86400"),
        ("deduplicationScope", "all", "messageGroup, queue"),
        ("name", "jobs!", "letters, digits"),
        ("name", "j" * 81, "up to 80"),
        ("name", "jobs.fifo", "fifoQueue"),
        ("visibilityTimeoutSeconds", "soon", "not a number"),
        ("visibilityTimeoutSeconds", 1.5, "not a whole number"),
        ("tags", "a", "not a map of strings"),
        ("fifoQueue", "maybe", "neither true nor false"),
        ("redrivePolicy", "{nope}", "not valid JSON"),
        ("policy", "[]", "not a JSON object"),
        ("contentBasedDeduplication", True, "FIFO queues only"),
    ],
)
def test_a_wrong_value_is_refused_by_property_with_what_is_allowed(name: str, value: Value, said: str) -> None:
    failures = refused(QUEUE, {"name": "jobs", name: value})
    assert list(failures) == [name]
    assert said in failures[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("visibilityTimeoutSeconds", 0),
        ("visibilityTimeoutSeconds", 43200),
        ("messageRetentionSeconds", 60),
        ("messageRetentionSeconds", 1209600),
        ("receiveWaitTimeSeconds", 20),
        ("maxMessageSize", 1048576),
    ],
)
def test_the_limits_themselves_are_allowed(name: str, value: Value) -> None:
    assert checked(QUEUE, {"name": "jobs", name: value})[name] == value


@pytest.mark.parametrize("count", [0, 1001, -1, "0", "three", 1.5, True])
def test_max_receive_count_is_from_1_to_1000(count: Value) -> None:
    redrive = json.dumps({"deadLetterTargetArn": "arn", "maxReceiveCount": count})
    assert "from 1 to 1000" in refused(QUEUE, {"name": "jobs", "redrivePolicy": redrive})["redrivePolicy"]


@pytest.mark.parametrize("count", [1, 3, 1000, "3"])
def test_max_receive_count_within_limits_passes(count: Value) -> None:
    checked(QUEUE, {"name": "j", "redrivePolicy": json.dumps({"deadLetterTargetArn": "a", "maxReceiveCount": count})})


def test_required_properties_are_missed_by_name() -> None:
    assert set(refused(ROLE, {})) == {"assumeRolePolicy"}
    assert set(refused("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {})) == {"role", "policyArn"}
    assert set(refused("aws:sqs/queuePolicy:QueuePolicy", {})) == {"queueUrl", "policy"}


def test_what_excludes_each_other_is_refused() -> None:
    assert set(refused(QUEUE, {"name": "a", "namePrefix": "b"})) == {"name", "namePrefix"}
    failures = refused(QUEUE, {"name": "a", "kmsMasterKeyId": "k", "sqsManagedSseEnabled": True})
    assert "cannot be given together" in failures["kmsMasterKeyId"]


def test_an_input_that_does_not_exist_is_refused_with_a_suggestion() -> None:
    assert "did you mean visibilityTimeoutSeconds?" in refused(QUEUE, {"visibilityTimeoutSecond": 1}).popitem()[1]
    assert "takes no such input" in refused(QUEUE, {"arn": "x"})["arn"]


def test_what_the_local_provider_does_not_serve_is_said_so() -> None:
    assert "does not serve it" in refused(ALARM, {**METRIC, "metricQueries": []})["metricQueries"]
    assert "RolePolicyAttachment" in refused(ROLE, {"assumeRolePolicy": TRUST, "managedPolicyArns": ["a"]}).popitem()[1]


def test_a_role_has_a_session_of_one_to_twelve_hours_and_a_name_of_64() -> None:
    assert "3600 to 43200" in refused(ROLE, {"assumeRolePolicy": TRUST, "maxSessionDuration": 60})["maxSessionDuration"]
    assert "1 to 64" in refused(ROLE, {"assumeRolePolicy": TRUST, "name": "r" * 65})["name"]
    assert "allowed are letters" in refused(ROLE, {"assumeRolePolicy": TRUST, "name": "r/x"})["name"]


def test_a_repeated_key_in_a_policy_is_refused() -> None:
    assert "'Effect' appears twice" in refused(POLICY, {"policy": '{"Effect": 1, "Effect": 2}'})["policy"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"redrivePermission": "some"}, "allowAll, denyAll, byQueue"),
        ({"redrivePermission": "byQueue"}, "names 0 sourceQueueArns"),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["a"] * 11}, "names 11 sourceQueueArns"),
        ({"redrivePermission": "denyAll", "sourceQueueArns": ["a"]}, "byQueue only"),
    ],
)
def test_a_redrive_allow_policy_is_checked_as_aws_would(document: dict[str, Value], said: str) -> None:
    failures = refused(REDRIVE_ALLOW, {"queueUrl": "http://x/1/q", "redriveAllowPolicy": json.dumps(document)})
    assert said in failures["redriveAllowPolicy"]


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"period": 45}, "period", "multiples of 60"),
        ({"comparisonOperator": "Above"}, "comparisonOperator", "GreaterThanThreshold"),
        ({"treatMissingData": "ok"}, "treatMissingData", "notBreaching"),
        ({"statistic": None}, "statistic", "both are missing"),
        ({"extendedStatistic": "p99"}, "statistic", "cannot be given together"),
        ({"alarmActions": ["topic"]}, "alarmActions", "not an ARN"),
        ({"evaluationPeriods": 0}, "evaluationPeriods", "least allowed is 1"),
        ({"threshold": None}, "threshold", "missing"),
    ],
)
def test_an_alarm_is_checked(changes: dict[str, Value], name: str, said: str) -> None:
    assert said in refused(ALARM, {**METRIC, **changes})[name]
    checked(ALARM, METRIC)
