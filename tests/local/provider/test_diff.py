import json

import pytest
from pulumi.runtime.proto.provider_pb2 import PropertyDiff

from local.provider.diff import Difference, compare
from local.provider.properties import UNKNOWN, Value, Values
from local.provider.table import RESOURCES

QUEUE = "aws:sqs/queue:Queue"
POLICY = "aws:iam/policy:Policy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
OUTPUTS: dict[str, Value] = {
    "arn": "arn:aws:sqs:us-east-1:123456789012:jobs",
    "contentBasedDeduplication": False,
    "delaySeconds": 0,
    "fifoQueue": False,
    "kmsDataKeyReusePeriodSeconds": 300,
    "maxMessageSize": 262144,
    "messageRetentionSeconds": 345600,
    "name": "jobs",
    "policy": '{"Statement": []}',
    "receiveWaitTimeSeconds": 20,
    "redrivePolicy": '{"maxReceiveCount": 3, "deadLetterTargetArn": "arn"}',
    "region": "us-east-1",
    "sqsManagedSseEnabled": True,
    "tags": {"team": "x", "old": "1"},
    "tagsAll": {"team": "x", "old": "1"},
    "url": "http://127.0.0.1:1/123456789012/jobs",
    "visibilityTimeoutSeconds": 30,
}
INPUTS: dict[str, Value] = {
    "maxMessageSize": 262144,
    "messageRetentionSeconds": 345600,
    "name": "jobs",
    "receiveWaitTimeSeconds": 20,
    "redrivePolicy": '{"deadLetterTargetArn":"arn","maxReceiveCount":3}',
    "region": "us-east-1",
    "tags": {"team": "x", "old": "1"},
    "tagsAll": {"team": "x", "old": "1"},
    "visibilityTimeoutSeconds": 30,
    "__defaults": [],
}


def queue(changes: Values, *ignored: str, drift: Values | None = None) -> Difference:
    inputs = {name: value for name, value in {**INPUTS, **changes}.items() if value is not None}
    return compare(RESOURCES[QUEUE], {**OUTPUTS, **(drift or {})}, inputs, ignored)


def test_nothing_differs_where_documents_are_equivalent_and_aws_decided_the_rest() -> None:
    assert queue({}) == Difference({}, frozenset(), frozenset(), delete_before_replace=False)


def test_a_changed_value_is_an_update_in_place() -> None:
    found = queue({"visibilityTimeoutSeconds": 300})
    assert found.detailed == {"visibilityTimeoutSeconds": PropertyDiff.UPDATE}
    assert not found.replaces


def test_drift_shows_though_the_inputs_are_the_same() -> None:
    assert queue({}, drift={"visibilityTimeoutSeconds": 77}).changed == {"visibilityTimeoutSeconds"}
    assert queue({}, drift={"redrivePolicy": None}).detailed == {"redrivePolicy": PropertyDiff.ADD}


def test_a_property_taken_away_goes_back_to_its_default() -> None:
    assert queue({"receiveWaitTimeSeconds": None}).detailed == {"receiveWaitTimeSeconds": PropertyDiff.UPDATE}


def test_what_aws_decides_is_no_drift_where_the_program_is_silent() -> None:
    found = queue({"redrivePolicy": None}, drift={"policy": '{"Statement": [1]}', "sqsManagedSseEnabled": False})
    assert not found.changed


def test_tags_differ_key_by_key() -> None:
    tags: dict[str, Value] = {"team": "y", "new": "2", "a b": "3"}
    assert queue({"tags": tags, "tagsAll": tags}).detailed == {
        'tags["a b"]': PropertyDiff.ADD,
        "tags.new": PropertyDiff.ADD,
        "tags.old": PropertyDiff.DELETE,
        "tags.team": PropertyDiff.UPDATE,
        'tagsAll["a b"]': PropertyDiff.ADD,
        "tagsAll.new": PropertyDiff.ADD,
        "tagsAll.old": PropertyDiff.DELETE,
        "tagsAll.team": PropertyDiff.UPDATE,
    }


def test_a_tag_put_on_behind_the_programs_back_shows_where_there_are_no_tags() -> None:
    stray: dict[str, Value] = {"stray": "1"}
    found = queue({"tags": None, "tagsAll": {}}, drift={"tags": stray, "tagsAll": stray})
    assert found.detailed == {"tags.stray": PropertyDiff.DELETE, "tagsAll.stray": PropertyDiff.DELETE}


@pytest.mark.parametrize(
    ("token", "replacing", "other"),
    [
        (QUEUE, {"name", "namePrefix", "fifoQueue", "region"}, "delaySeconds"),
        ("aws:sqs/queuePolicy:QueuePolicy", {"queueUrl", "region"}, "policy"),
        ("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", {"queueUrl", "region"}, "redriveAllowPolicy"),
        ("aws:iam/role:Role", {"name", "namePrefix", "path"}, "assumeRolePolicy"),
        (POLICY, {"name", "namePrefix", "path", "description"}, "policy"),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role", "policyArn"}, None),
        (ALARM, {"name", "region"}, "threshold"),
    ],
)
def test_what_replaces_is_what_the_official_provider_forces_new(
    token: str, replacing: set[str], other: str | None
) -> None:
    resource = RESOURCES[token]
    before: dict[str, Value] = dict.fromkeys(replacing, "before")
    after: dict[str, Value] = dict.fromkeys(replacing, "after")
    assert compare(resource, before, after).replaces >= replacing
    assert {name for name, declared in resource.properties.items() if declared.replaces} == replacing
    if other:
        assert not compare(resource, {other: "1"}, {other: "2"}).replaces


def test_replacing_changes_are_marked_as_such() -> None:
    found = queue({"name": "other"})
    assert found.detailed == {"name": PropertyDiff.UPDATE_REPLACE}
    assert found.replaces == {"name"}


def test_a_name_of_the_programs_own_cannot_be_had_twice() -> None:
    assert queue({"fifoQueue": True}).delete_before_replace
    assert not queue({"fifoQueue": True, "__defaults": ["name"]}).delete_before_replace
    assert not queue({"visibilityTimeoutSeconds": 1}).delete_before_replace


def test_an_attachment_is_always_deleted_first() -> None:
    attachment = RESOURCES["aws:iam/rolePolicyAttachment:RolePolicyAttachment"]
    found = compare(attachment, {"role": "a", "policyArn": "p"}, {"role": "b", "policyArn": "p", "__defaults": []})
    assert found.delete_before_replace


def test_an_unknown_value_may_differ() -> None:
    assert queue({"redrivePolicy": UNKNOWN}).detailed == {"redrivePolicy": PropertyDiff.UPDATE}
    policy = RESOURCES["aws:sqs/queuePolicy:QueuePolicy"]
    found = compare(policy, {"queueUrl": "u", "policy": "{}"}, {"queueUrl": UNKNOWN, "policy": "{}"})
    assert found.detailed == {"queueUrl": PropertyDiff.UPDATE_REPLACE}


def test_ignored_paths_are_left_out_with_their_shadow_in_tags_all() -> None:
    tags: dict[str, Value] = {"team": "y", "old": "2"}
    changes: dict[str, Value] = {"visibilityTimeoutSeconds": 1, "tags": tags, "tagsAll": tags}
    assert queue(changes, "visibilityTimeoutSeconds", "tags").changed == set()
    assert set(queue(changes, "tags.old").detailed) == {"visibilityTimeoutSeconds", "tags.team", "tagsAll.team"}


def test_the_data_keys_period_counts_only_with_a_kms_key() -> None:
    assert not queue({"kmsDataKeyReusePeriodSeconds": 600}).changed
    assert queue({"kmsDataKeyReusePeriodSeconds": 600, "kmsMasterKeyId": "alias/x"}).changed == {
        "kmsDataKeyReusePeriodSeconds",
        "kmsMasterKeyId",
    }


def test_lists_of_actions_have_no_order_and_numbers_no_kind() -> None:
    alarm = RESOURCES[ALARM]
    before: dict[str, Value] = {"alarmActions": ["a", "b"], "threshold": 1, "okActions": []}
    assert not compare(alarm, before, {"alarmActions": ["b", "a"], "threshold": 1.0}).changed
    assert compare(alarm, before, {"alarmActions": ["a"], "threshold": 2}).changed == {"alarmActions", "threshold"}


def test_a_policy_in_another_form_is_no_change() -> None:
    def document(*actions: str) -> str:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    policy = RESOURCES[POLICY]
    assert not compare(policy, {"policy": document("a", "b")}, {"policy": document("b", "a")}).changed
    assert compare(policy, {"policy": document("a", "b")}, {"policy": document("a")}).changed == {"policy"}
