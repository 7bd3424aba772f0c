import pytest

from policies.access.grants import ONLY_NAMED_ACTIONS, ONLY_NAMED_GRANTS
from tests.policies.judging import ARN, Raw, allow, deny, of_policy, of_queue


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"Action": "*"}, "It allows *; list the actions"),
        ({"Action": "sqs:*"}, "It allows sqs:*; list"),
        ({"Action": ["sqs:SendMessage", "SQS:Get*"]}, "It allows sqs:get*; list"),
        ({"Action": "sqs:SendMessag?"}, "It allows sqs:sendmessag?; list"),
        ({"Action": None, "NotAction": "sqs:PurgeQueue"}, "every action but some (NotAction)"),
        ({"Resource": None, "NotResource": "arn:aws:sqs:us-east-1:1:x"}, "every resource but some (NotResource)"),
    ],
)
@pytest.mark.parametrize("look", [of_queue, of_policy], ids=["queue", "role"])
def test_an_allow_that_does_not_name_what_it_allows_is_told(look: object, elements: Raw, words: str) -> None:
    if look is of_queue:
        assert words in of_queue(ONLY_NAMED_ACTIONS, [allow(**elements)])
    else:
        assert words in of_policy(ONLY_NAMED_GRANTS, allow(**elements))


def test_a_wide_deny_is_nobodys_grant() -> None:
    wide = deny(Action="*", Resource="*")
    assert of_queue(ONLY_NAMED_ACTIONS, [wide]) == ""
    assert of_policy(ONLY_NAMED_GRANTS, wide) == ""


def test_in_a_queues_policy_the_resource_may_be_the_queue_by_any_name() -> None:
    assert of_queue(ONLY_NAMED_ACTIONS, [allow(Resource="*")]) == ""


@pytest.mark.parametrize(
    "statement",
    [
        allow(Action=["sqs:SendMessage", "sqs:GetQueueUrl"]),
        allow(Action="s3:GetObject", Resource="arn:aws:s3:::bucket/user_*"),
        allow(Action="s3:GetObject", Resource="arn:aws-cn:s3:::bucket/results/*"),
        allow(Action="sts:GetCallerIdentity", Resource="*"),
        allow(Action=["ecr:GetAuthorizationToken", "sqs:ListQueues"], Resource="*"),
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
    ],
)
def test_resources_that_are_not_named_are_told(elements: Raw) -> None:
    assert "name the ARNs it needs" in of_policy(ONLY_NAMED_GRANTS, allow(**elements))


def test_what_needs_no_resource_can_be_configured() -> None:
    statement = allow(Action="ssm:DescribeParameters", Resource="*")
    assert of_policy(ONLY_NAMED_GRANTS, statement)
    assert of_policy(ONLY_NAMED_GRANTS, statement, actionsWithoutResource=["ssm:DescribeParameters"]) == ""
