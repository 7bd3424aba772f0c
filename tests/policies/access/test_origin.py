import pytest

from policies.access.origin import MESSAGES_ONLY_FROM_VPC
from tests.policies.judging import Raw, allow, deny, of_queue

VPC, ENDPOINT = "vpc-0a1b2c3d", "vpce-0a1b2c3d"
OUTSIDE = deny(Sid="Outside", Condition={"StringNotEquals": {"aws:SourceVpc": VPC}})


@pytest.mark.parametrize(
    "statement",
    [
        allow(Condition={"StringEquals": {"aws:SourceVpc": VPC}}),
        allow(Condition={"StringEquals": {"AWS:sourcevpce": [ENDPOINT, "vpce-1111aaaa"]}}),
        allow(Condition={"StringLike": {"aws:SourceVpce": ENDPOINT}, "Bool": {"aws:SecureTransport": "true"}}),
        allow(Action="sqs:GetQueueUrl"),
        allow(Principal={"Service": "sns.amazonaws.com"}),
    ],
)
def test_an_allow_from_the_vpc_passes_and_so_does_one_that_is_not_about_messages(statement: Raw) -> None:
    assert of_queue(MESSAGES_ONLY_FROM_VPC, [statement, OUTSIDE]) == ""


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Action": "sqs:*"},
        {"Action": None, "NotAction": "sqs:GetQueueUrl"},
        {"Condition": {"StringEquals": {"aws:SourceVpce": "*"}}},
        {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}},
        {"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": VPC}}},
        {"Condition": {"ForAllValues:StringEquals": {"aws:SourceVpc": VPC}}},
        {"Condition": {"StringNotEquals": {"aws:SourceVpc": VPC}}},
        {"Condition": {"Null": {"aws:SourceVpc": "false"}}},
        {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Principal": {"Service": "sns.amazonaws.com", "AWS": "123456789012"}},
    ],
)
def test_an_allow_from_elsewhere_is_told(elements: dict[str, object]) -> None:
    assert "It allows access to messages from anywhere" in of_queue(
        MESSAGES_ONLY_FROM_VPC, [allow(**elements), OUTSIDE]
    )


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:SourceVpce": ENDPOINT}},
        {"StringNotEqualsIfExists": {"aws:SourceVpc": VPC}},
        {"StringNotLike": {"aws:SourceVpc": VPC}},
        {
            "StringNotEquals": {"aws:SourceVpc": VPC},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
        },
    ],
)
def test_a_deny_to_all_that_comes_from_elsewhere_passes(condition: Raw) -> None:
    assert of_queue(MESSAGES_ONLY_FROM_VPC, [deny(Condition=condition)]) == ""


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpc": VPC}},
        {"StringNotLike": {"aws:SourceVpc": "vpc-*"}},
        {"ForAnyValue:StringNotEquals": {"aws:SourceVpc": VPC}},
        {"StringNotEquals": {"aws:SourceVpc": VPC}, "BoolIfExists": {"aws:ViaAWSService": "true"}},
        {"StringNotEquals": {"aws:SourceVpc": VPC}, "Bool": {"aws:ViaAWSService": "false"}},
        {"StringNotEquals": {"aws:SourceVpc": VPC, "aws:PrincipalAccount": "123456789012"}},
        {"StringNotEquals": {"aws:SourceVpc": VPC}, "Null": {"aws:SourceVpc": "false"}},
    ],
)
def test_a_deny_that_lets_somebody_in_from_elsewhere_is_told(condition: Raw) -> None:
    told = of_queue(MESSAGES_ONLY_FROM_VPC, [deny(Condition=condition)])
    assert "does not deny sqs:SendMessage from outside the VPC" in told


def test_each_action_on_messages_is_denied_or_told() -> None:
    told = of_queue(MESSAGES_ONLY_FROM_VPC, [{**OUTSIDE, "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}])
    assert "does not deny sqs:DeleteMessage" in told
    assert "does not deny sqs:ChangeMessageVisibility" in told
    assert "sqs:SendMessage" not in told


def test_where_vpcs_and_endpoints_are_configured_no_others_may_be_named() -> None:
    statements = [allow(Condition={"StringEquals": {"aws:SourceVpce": ENDPOINT}}), OUTSIDE]
    assert of_queue(MESSAGES_ONLY_FROM_VPC, statements, vpcIds=[VPC], vpcEndpointIds=[ENDPOINT]) == ""
    assert f"It names {ENDPOINT}; {VPC} may be named" in of_queue(MESSAGES_ONLY_FROM_VPC, statements, vpcIds=[VPC])
    widened = deny(Condition={"StringNotEquals": {"aws:SourceVpc": [VPC, "vpc-11112222"]}})
    assert "It names vpc-11112222" in of_queue(MESSAGES_ONLY_FROM_VPC, [widened], vpcIds=[VPC])
