"""Queue policies, redrive policies and redrive-allow policies: each is an attribute of a queue made elsewhere."""

import json

import pytest

from tests.local.provider.conftest import Account
from tests.local.provider.plugin import Plugin

QUEUE = "aws:sqs/queue:Queue"
POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
ALLOW = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"


def deny(name: str, *actions: str) -> str:
    statement = {
        "Sid": "Deny",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": f"arn:aws:sqs:us-east-1:123456789012:{name}",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/break-glass"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def permission(name: str) -> str:
    return json.dumps(
        {"redrivePermission": "byQueue", "sourceQueueArns": [f"arn:aws:sqs:us-east-1:123456789012:{name}"]}
    )


def redrive(arn: str, count: int) -> str:
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})


@pytest.fixture(params=[POLICY, REDRIVE, ALLOW])
def case(request: pytest.FixtureRequest, deployer: Plugin, name: str) -> tuple[str, str, str, list[str]]:
    """A type, its property, SQS's attribute, and two documents."""
    if request.param == REDRIVE:
        arn = str(deployer.make(QUEUE, {"name": f"{name}-dlq"}).outputs["arn"])
        return REDRIVE, "redrivePolicy", "RedrivePolicy", [redrive(arn, 3), redrive(arn, 5)]
    if request.param == POLICY:
        return (
            POLICY,
            "policy",
            "Policy",
            [deny(name, "sqs:PurgeQueue"), deny(name, "sqs:PurgeQueue", "sqs:SendMessage")],
        )
    return ALLOW, "redriveAllowPolicy", "RedriveAllowPolicy", [permission("a"), permission("b")]


def test_the_whole_life(deployer: Plugin, account: Account, name: str, case: tuple[str, str, str, list[str]]) -> None:
    token, key, attribute, (first, second) = case
    url = deployer.make(QUEUE, {"name": name}).id
    inputs = deployer.check(token, {"queueUrl": url, key: first})
    made = deployer.create(token, inputs)
    assert made.id == url
    assert made.outputs == {"queueUrl": url, key: first, "region": "us-east-1"}
    assert json.loads(account.attributes(url)[attribute]) == json.loads(first)

    assert deployer.read(token, url, inputs, made.outputs)[1:] == (made.outputs, inputs)
    imported = deployer.read(token, url)
    assert imported.inputs == {
        "queueUrl": url,
        key: account.attributes(url)[attribute],
        "region": "us-east-1",
        "__defaults": [],
    }
    assert not deployer.diff(token, url, imported.outputs, inputs).diffs

    changed = deployer.change(token, made, {"queueUrl": url, key: second})
    assert changed[key] == second
    assert json.loads(account.attributes(url)[attribute]) == json.loads(second)

    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={attribute: first})  # type: ignore[dict-item]  # one of two
    drifted = deployer.read(token, url, deployer.check(token, {"queueUrl": url, key: second}), changed)
    assert drifted.outputs[key] == first
    assert drifted.inputs[key] == first

    deployer.delete(token, url, changed)
    assert attribute not in account.attributes(url)
    assert deployer.read(token, url, inputs, made.outputs).id == ""


def test_another_queue_replaces(deployer: Plugin, case: tuple[str, str, str, list[str]]) -> None:
    token, key, _, (first, _) = case
    old = deployer.check(token, {"queueUrl": "http://127.0.0.1/1/a", key: first})
    new = deployer.check(token, {"queueUrl": "http://127.0.0.1/1/b", key: first})
    found = deployer.diff(token, "id", old, new)
    assert list(found.replaces) == ["queueUrl"]
    assert not found.deleteBeforeReplace


def test_a_queue_that_is_gone_has_no_policy_and_none_to_delete(
    deployer: Plugin, name: str, case: tuple[str, str, str, list[str]]
) -> None:
    token, key, _, (first, _) = case
    queue = deployer.make(QUEUE, {"name": name})
    made = deployer.make(token, {"queueUrl": queue.id, key: first})
    deployer.delete(QUEUE, queue.id)
    assert deployer.read(token, made.id).id == ""
    deployer.delete(token, made.id, made.outputs)


def test_a_policy_that_aws_gives_back_in_another_form_is_no_drift(
    deployer: Plugin, account: Account, name: str
) -> None:
    url = deployer.make(QUEUE, {"name": name}).id
    inputs = deployer.check(POLICY, {"queueUrl": url, "policy": deny(name, "sqs:PurgeQueue", "sqs:SendMessage")})
    made = deployer.create(POLICY, inputs)
    account.sqs.set_queue_attributes(
        QueueUrl=url,
        Attributes={"Policy": json.dumps(json.loads(deny(name, "sqs:SendMessage", "sqs:PurgeQueue")), indent=1)},
    )
    assert deployer.read(POLICY, url, inputs, made.outputs)[1:] == (made.outputs, inputs)


@pytest.mark.parametrize("count", [0, 1001, "many", 2.5])
def test_a_redrive_policy_outside_awss_limits_is_refused_before_aws_is_asked(deployer: Plugin, count: object) -> None:
    document = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:1:dlq", "maxReceiveCount": count})
    failures = deployer.failures(REDRIVE, {"queueUrl": "http://127.0.0.1/1/a", "redrivePolicy": document})
    assert "whole numbers from 1 to 1000" in failures["redrivePolicy"]
