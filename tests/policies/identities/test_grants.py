import pytest

from policies.identities.grants import ONLY_NAMED_GRANTS
from tests.policies.judging import ARN, Raw, allow, of_policy

LOGS = "arn:aws:logs:us-east-1:123456789012"
SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"


@pytest.mark.parametrize(
    "statement",
    [
        allow(Action=["sqs:SendMessage", "sqs:GetQueueUrl"]),
        allow(Action="s3:GetObject", Resource="arn:aws:s3:::bucket/user_*"),
        allow(Action="s3:GetObject", Resource="arn:aws-cn:s3:::bucket/results/*"),
        allow(Action="sts:GetCallerIdentity", Resource="*"),
        allow(Action=["ecr:GetAuthorizationToken", "sqs:ListQueues"], Resource="*"),
        allow(Action=["ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"], Resource="*"),
        allow(Action=["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel"], Resource="*"),
        allow(Action="logs:PutLogEvents", Resource=f"{LOGS}:log-group:/ecs/jobs:*"),
        allow(Action="logs:PutLogEvents", Resource=f"{LOGS}:log-group:/ecs/jobs:log-stream:worker/*"),
        allow(Action="secretsmanager:GetSecretValue", Resource=f"{SECRETS}jobs/db-??????"),
    ],
)
def test_named_actions_on_named_resources_pass(statement: Raw) -> None:
    assert of_policy(ONLY_NAMED_GRANTS, statement) == ""


@pytest.mark.parametrize(
    "elements",
    [
        {"Resource": "*"},
        {"Resource": [ARN, "arn:aws:sqs:*:*:jobs"]},
        {"Resource": "arn:aws:sqs:us-east-1:123456789012:job?"},
        {"Resource": "arn:aws:sqs:us-east-1:123456789012:${aws:username}"},
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"},
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/user_*"},
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/user_*/*"},
        {"Action": ["sqs:ListQueues", "sqs:SendMessage"], "Resource": "*"},
        {"Action": ["ssmmessages:OpenDataChannel", "ssm:GetParameter"], "Resource": "*"},
        {"Action": "logs:PutLogEvents", "Resource": f"{LOGS}:*"},
        {"Action": "logs:PutLogEvents", "Resource": f"{LOGS}:log-group:/ecs/*:*"},
        {"Action": "logs:PutLogEvents", "Resource": f"{LOGS}:log-group:*"},
        {"Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:*:123456789012:log-group:/ecs/jobs:*"},
        {"Action": "secretsmanager:GetSecretValue", "Resource": f"{SECRETS}jobs/*"},
        {"Action": "secretsmanager:GetSecretValue", "Resource": f"{SECRETS}*-??????"},
        {"Action": "secretsmanager:GetSecretValue", "Resource": f"{SECRETS}jobs-?????"},
    ],
)
def test_resources_that_are_not_named_are_told(elements: Raw) -> None:
    assert "name the ARNs it needs" in of_policy(ONLY_NAMED_GRANTS, allow(**elements))


def test_what_needs_no_resource_can_be_configured() -> None:
    statement = allow(Action="ssm:DescribeParameters", Resource="*")
    assert of_policy(ONLY_NAMED_GRANTS, statement)
    assert of_policy(ONLY_NAMED_GRANTS, statement, actionsWithoutResource=["ssm:DescribeParameters"]) == ""
