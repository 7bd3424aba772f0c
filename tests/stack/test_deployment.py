"""What `up` makes, as the account itself shows it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.clients import Clients
from local.emulator.sessions import Role
from tests.stack.expected import (
    ACCOUNT,
    CONSUMER,
    CORE_TWELVE,
    DEPLOYED_ACCOUNT,
    DEPLOYED_TYPES,
    DLQ,
    DLQ_ARN,
    PRODUCER,
    QUEUE,
    QUEUE_ARN,
    TAGS,
)
from tests.stack.trial import PACK, Trial

pytestmark = pytest.mark.engine

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/"
MESSAGE_ACTIONS = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]


def attributes(trial: Trial, name: str) -> dict[str, str]:
    sqs = trial.clients().sqs
    found: dict[str, str] = sqs.get_queue_attributes(
        QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=["All"]
    )["Attributes"]  # type: ignore[assignment]  # the stubs' keys are literals
    return found


def statements(document: str) -> dict[str, dict[str, Any]]:
    """A document's statements by their names."""
    return {one["Sid"]: one for one in json.loads(document)["Statement"]}


def tags(listed: list[Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_the_state_lists_the_twelve_and_the_redrive_allow_policy(deployed: Trial) -> None:
    assert sum(CORE_TWELVE.values()) == 12
    assert deployed.types() == DEPLOYED_TYPES


def test_the_account_holds_what_the_state_lists_and_nothing_more(deployed: Trial) -> None:
    assert deployed.account() == DEPLOYED_ACCOUNT


def test_the_queue_is_set_up_as_decided(deployed: Trial) -> None:
    seen = attributes(deployed, QUEUE)
    assert json.loads(seen["RedrivePolicy"]) == {"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 3}
    expected = {
        "QueueArn": QUEUE_ARN,
        "VisibilityTimeout": "300",
        "MessageRetentionPeriod": "345600",
        "ReceiveMessageWaitTimeSeconds": "20",
        "SqsManagedSseEnabled": "true",
    }
    assert {key: seen[key] for key in expected} == expected
    assert "FifoQueue" not in seen


def test_the_dead_letter_queue_keeps_messages_for_14_days_and_takes_them_from_its_queue_alone(deployed: Trial) -> None:
    seen = attributes(deployed, DLQ)
    assert json.loads(seen["RedriveAllowPolicy"]) == {"redrivePermission": "byQueue", "sourceQueueArns": [QUEUE_ARN]}
    expected = {"QueueArn": DLQ_ARN, "MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true"}
    assert {key: seen[key] for key in expected} == expected
    assert "RedrivePolicy" not in seen


@pytest.mark.parametrize("name", [QUEUE, DLQ])
def test_queues_are_tagged(deployed: Trial, name: str) -> None:
    sqs = deployed.clients().sqs
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == TAGS


def test_the_queue_policy_lets_each_role_do_its_half_and_through_the_endpoint_alone(deployed: Trial) -> None:
    found = statements(attributes(deployed, QUEUE)["Policy"])
    for sid, role, actions in (
        ("AllowProducer", PRODUCER, ["sqs:SendMessage"]),
        ("AllowConsumer", CONSUMER, ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"]),
    ):
        allowed = found[sid]
        assert allowed["Effect"] == "Allow"
        assert allowed["Principal"] == {"AWS": ROLE_ARN + role}
        assert set(allowed["Action"]) == {*actions, "sqs:GetQueueUrl", "sqs:GetQueueAttributes"}
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
    assert {sid for sid, one in found.items() if one["Effect"] == "Allow"} == {"AllowProducer", "AllowConsumer"}


@pytest.mark.parametrize("name", [QUEUE, DLQ])
def test_queue_policies_deny_what_nobody_needs(deployed: Trial, name: str) -> None:
    found = statements(attributes(deployed, name)["Policy"])
    outside = found["DenyMessagesFromOutsideVpc"]
    assert outside["Principal"] == "*"
    assert sorted(outside["Action"]) == MESSAGE_ACTIONS
    assert outside["Condition"]["StringNotEquals"] == {"aws:SourceVpc": "vpc-0a1b2c3d4e5f60718"}
    spared = {"PurgeQueue": ["break-glass"], "DeleteQueue": ["break-glass", "deployer"]}
    for action, roles in spared.items():
        denied = found[f"Deny{action}"]
        assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", f"sqs:{action}")
        named = denied["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
        assert ([named] if isinstance(named, str) else named) == [ROLE_ARN + role for role in roles]
    assert found["DenyPlainText"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", [PRODUCER, CONSUMER])
def test_only_ecs_tasks_of_this_account_take_a_task_role(deployed: Trial, name: str) -> None:
    role = deployed.clients().iam.get_role(RoleName=name)["Role"]
    (trust,) = statements(json.dumps(role["AssumeRolePolicyDocument"])).values()
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    assert tags(role["Tags"]) == TAGS


@pytest.mark.parametrize(
    ("role", "policy", "actions"),
    [
        (PRODUCER, "producer", {"sqs:SendMessage", "s3:PutObject", "ssm:GetParameter"}),
        (
            CONSUMER,
            "consumer",
            {
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "s3:GetObject",
                "s3:PutObject",
            },
        ),
    ],
)
def test_each_task_role_has_its_one_policy_with_what_the_code_calls(
    deployed: Trial, role: str, policy: str, actions: set[str]
) -> None:
    iam = deployed.clients().iam
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached["PolicyName"] == f"{QUEUE}-{policy}"
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    found = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
    version = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=found["DefaultVersionId"])
    document = version["PolicyVersion"]["Document"]
    granted = [one["Action"] for one in statements(json.dumps(document)).values()]
    flat = {action for some in granted for action in ([some] if isinstance(some, str) else some)}
    assert flat == actions | {"sqs:GetQueueUrl", "sqs:GetQueueAttributes"}
    assert tags(found["Tags"]) == TAGS


@pytest.mark.parametrize(
    ("suffix", "metric", "watched", "threshold", "periods"),
    [
        ("dlq-not-empty", "ApproximateNumberOfMessagesVisible", DLQ, 1, 1),
        ("oldest-message-age", "ApproximateAgeOfOldestMessage", QUEUE, 900, 3),
    ],
)
def test_alarms_watch_what_has_to_wake_somebody(  # noqa: PLR0913, PLR0917 - one argument each of what an alarm is
    deployed: Trial, suffix: str, metric: str, watched: str, threshold: int, periods: int
) -> None:
    cloudwatch = deployed.clients().cloudwatch
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[f"{QUEUE}-{suffix}"])["MetricAlarms"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/SQS", metric, "Maximum")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": watched}]
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) == (threshold, 60, periods)
    assert alarm["TreatMissingData"] == "notBreaching"
    assert tags(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]) == TAGS


def test_the_outputs_are_the_agreed_ones_and_what_containers_are_given(deployed: Trial) -> None:
    url = deployed.clients().sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    environment = {
        "PREDICTIONS_QUEUE_URL": url,
        "AWS_REGION": "us-east-1",
        "ENABLE_SQS": "true",
        "ENABLE_SQS_PARAMETER": "/retainwise/local/enable-sqs",
        "UPLOADS_BUCKET": "retainwise-local-uploads",
        "MESSAGE_MAX_AGE_SECONDS": "1555200",
    }
    assert deployed.stack.outputs() == {
        "predictions_queue_url": url,
        "predictions_queue_arn": QUEUE_ARN,
        "predictions_dlq_url": f"{url}-dlq",
        "predictions_dlq_arn": DLQ_ARN,
        "backend_task_role_arn": ROLE_ARN + PRODUCER,
        "worker_task_role_arn": ROLE_ARN + CONSUMER,
        "container_environment": [{"name": name, "value": value} for name, value in environment.items()],
    }


def test_a_second_up_changes_nothing_and_a_preview_expects_none(deployed: Trial) -> None:
    assert deployed.up(*PACK) == {}
    deployed.runs("preview", "--expect-no-changes", *PACK)
    assert deployed.account() == DEPLOYED_ACCOUNT


def test_it_is_the_deployer_who_deploys(deployed: Trial) -> None:
    arn = Clients(deployed.stack.environment()).sts.get_caller_identity()["Arn"]
    assert arn.startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/")


@pytest.mark.parametrize("name", ["predictions", "retainwise-dev-predictions", "other-retainwise-local-predictions"])
def test_the_deployer_makes_nothing_outside_its_prefix(deployed: Trial, name: str) -> None:
    deployer = deployed.clients(Role.DEPLOYER)
    with pytest.raises(ClientError, match="AccessDenied"):
        deployer.sqs.create_queue(QueueName=name)
    with pytest.raises(ClientError, match="AccessDenied"):
        deployer.iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    assert deployed.account() == DEPLOYED_ACCOUNT
