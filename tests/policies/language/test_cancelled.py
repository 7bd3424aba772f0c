import pytest

from policies.language.cancelled import NO_CANCELLED_GRANT
from tests.policies.judging import ARN, Raw, allow, deny, of_policy, of_queue

WORKER, OTHER = "arn:aws:iam::123456789012:role/team/worker", "arn:aws:iam::123456789012:role/other"
ALLOW = allow(Principal={"AWS": WORKER}, Action=["sqs:SendMessage", "sqs:GetQueueUrl"])
ENDPOINT = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}
SNS = {"Service": "sns.amazonaws.com"}


def _told(allowed: Raw, **denied: object) -> str:
    return of_queue(NO_CANCELLED_GRANT, [allowed, deny(**{"Sid": "No", "Action": "sqs:SendMessage", **denied})])


def _with(condition: Raw) -> Raw:
    return {**ALLOW, "Condition": condition}


def test_the_grant_is_told_with_whom_it_was_for_and_what_takes_it_back() -> None:
    assert _told(ALLOW) == (
        f"the queue policy: It allows {WORKER} sqs:sendmessage, and No denies it always; change one of the two"
    )


@pytest.mark.parametrize(
    "denied",
    [
        {"Principal": {"AWS": WORKER}},
        {"Principal": {"AWS": "123456789012"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "sqs:Send*", "Resource": "*"},
        {"Action": None, "NotAction": "sqs:GetQueueUrl"},
        {"Resource": None, "NotResource": "arn:aws:sqs:us-east-1:123456789012:other"},
        {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": OTHER}}},
        {"Condition": {"ArnEquals": {"aws:PrincipalArn": WORKER}}},
        {"Condition": {"StringLike": {"aws:PrincipalArn": "*/worker"}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}}},
        {"Condition": {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}},
        {"Condition": {"BoolIfExists": {"aws:ViaAWSService": ["true", "false"]}}},
        {"Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}},
    ],
)
def test_a_deny_that_always_applies_is_told(denied: Raw) -> None:
    assert f"It allows {WORKER} sqs:sendmessage" in _told(ALLOW, **denied)


@pytest.mark.parametrize(
    ("asked", "denied"),
    [
        (ENDPOINT, {"StringNotEquals": {"aws:SourceVpce": "vpce-11112222"}}),
        (ENDPOINT, {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        (ENDPOINT, {"Null": {"aws:SourceIp": "true"}}),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        ({"Null": {"aws:SourceVpc": "true"}}, {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"Bool": {"aws:SecureTransport": "false"}}),
    ],
)
def test_a_deny_of_whatever_the_allow_asks_for_is_told(asked: Raw, denied: Raw) -> None:
    assert "and No denies it always" in _told(_with(asked), Condition=denied)


@pytest.mark.parametrize(
    ("asked", "denied"),
    [
        ({}, {"Action": "sqs:ReceiveMessage"}),
        ({}, {"Principal": {"AWS": OTHER}}),
        ({}, {"Principal": {"AWS": "999999999999"}}),
        ({}, {"Principal": SNS}),
        ({}, {"Principal": {"Service": "*"}}),
        ({}, {"Principal": None, "NotPrincipal": {"AWS": OTHER}}),
        ({}, {"Resource": "arn:aws:sqs:us-east-1:123456789012:other"}),
        ({}, {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": [OTHER, WORKER]}}}),
        ({}, {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}}}),
        ({}, {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}}),
        ({}, {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        ({}, {"Condition": {"Bool": {"aws:ViaAWSService": ["true", "false"]}}}),
        (ENDPOINT, {"Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-11112222", "vpce-0a1b2c3d"]}}}),
        (ENDPOINT, {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}}),
        (
            {"StringEqualsIfExists": ENDPOINT["StringEquals"]},
            {"Condition": {"NotIpAddress": {"aws:SourceIp": "1.1.1.1"}}},
        ),
        (
            {"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d", "vpce-11112222"]}},
            {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}},
        ),
    ],
)
def test_a_deny_that_leaves_something_passes(asked: Raw, denied: Raw) -> None:
    assert _told(_with(asked), **denied) == ""


@pytest.mark.parametrize(
    ("denied", "told"),
    [
        ({"Principal": {"AWS": WORKER}}, True),
        ({"Principal": {"AWS": "123456789012"}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}}}, True),
        ({"Condition": {"ArnNotEquals": {"aws:PrincipalArn": OTHER}}}, True),
        ({"Condition": {"ArnNotEquals": {"aws:PrincipalArn": WORKER}}}, False),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/*"}}}, False),
        ({"Principal": {"AWS": OTHER}}, False),
        ({"Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/worker/2"}}, False),
    ],
)
def test_a_session_is_its_role(denied: Raw, *, told: bool) -> None:
    session = {**ALLOW, "Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/worker/1"}}
    assert bool(_told(session, **denied)) is told


def test_a_service_has_no_arn_to_be_spared_by() -> None:
    sparing = {"ArnNotEquals": {"aws:PrincipalArn": OTHER}}
    assert "It allows sns.amazonaws.com" in _told({**ALLOW, "Principal": SNS}, Condition=sparing)
    services_spared = {**sparing, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
    assert _told({**ALLOW, "Principal": SNS}, Condition=services_spared) == ""


@pytest.mark.parametrize(
    ("denied", "told"),
    [
        ({"Action": "sqs:*", "Resource": "*"}, True),
        ({"Resource": ARN}, True),
        ({"Resource": "arn:aws:sqs:us-east-1:123456789012:other"}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}}, False),
        ({"Action": "sqs:PurgeQueue"}, False),
    ],
)
def test_a_roles_policy_may_not_take_back_its_grants_either(denied: Raw, *, told: bool) -> None:
    statement = {**deny(Sid="No", Principal=None, Action="sqs:SendMessage"), **denied}
    assert bool(of_policy(NO_CANCELLED_GRANT, allow(), statement)) is told


def test_a_grant_on_several_queues_is_cancelled_only_when_denied_on_all() -> None:
    two = allow(Resource=[ARN, "arn:aws:sqs:us-east-1:123456789012:other"])
    assert of_policy(NO_CANCELLED_GRANT, two, deny(Sid="No", Principal=None)) == ""
    assert of_policy(NO_CANCELLED_GRANT, two, deny(Sid="No", Principal=None, Resource="arn:aws:sqs:*"))
