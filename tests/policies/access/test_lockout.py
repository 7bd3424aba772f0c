import pytest

from components.grants import QueueAccess
from components.statements import VpcOrigin
from policies.access.lockout import DEPLOYER_KEPT, MENDING
from tests.policies.judging import ARN, Raw, allow, deny, of_queue

DEPLOYER = "arn:aws:iam::123456789012:role/ci/deployer"
OTHER = "arn:aws:iam::123456789012:role/other"
AT_NOON = "2026-01-01T12:00:00Z"
VPC = {"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}


@pytest.mark.parametrize(
    "statement",
    [
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny(Action="sqs:SendMessage"),
        deny(Action=["sqs:PurgeQueue", "sqs:DeleteQueue"]),
        deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": DEPLOYER}}),
        deny(Condition={**VPC, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/ci/*"}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        deny(Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalType": "User"}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalTag/quarantined": "true"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalAccount": "999999999999"}}),
        deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/dev-*"}}),
        deny(Condition={"StringEquals": {"aws:username": "jane"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}}),
        deny(Principal={"AWS": OTHER}),
        deny(Principal={"AWS": "999999999999"}),
        allow(Action="sqs:SetQueueAttributes"),
    ],
)
def test_a_deny_that_leaves_somebody_who_can_mend_it_passes(statement: Raw) -> None:
    assert of_queue(DEPLOYER_KEPT, [statement]) == ""


@pytest.mark.parametrize(
    "statement",
    [
        deny(),
        deny(Condition=VPC),
        deny(Principal={"AWS": "*"}, Action="*", Condition=VPC),
        deny(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
        deny(Principal={"AWS": "123456789012"}),
        deny(Action="sqs:Set*"),
        deny(Action="sqs:GetQueueAttributes"),
        deny(Action=None, NotAction="sqs:SendMessage"),
        deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        deny(Condition={"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        deny(Condition={"Null": {"aws:PrincipalArn": "false"}}),
        deny(Condition={"StringLike": {"aws:PrincipalArn": "*"}}),
        deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalAccount": "123456789012"}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}}),
        deny(Resource="*", Condition={"StringEquals": {"aws:PrincipalAccount": "123456789012"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        deny(Condition={"StringLike": {"aws:userid": "*"}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}}),
    ],
)
def test_a_deny_that_shuts_everybody_out_is_told(statement: Raw) -> None:
    assert "to everybody, so only the root user could mend the policy again" in of_queue(DEPLOYER_KEPT, [statement])


def test_what_an_update_takes_is_named() -> None:
    assert f"It denies {', '.join(MENDING)} to everybody" in of_queue(DEPLOYER_KEPT, [deny()])


# ---- With deployers configured, each of them is asked for


@pytest.mark.parametrize(
    "statement",
    [
        deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": DEPLOYER}}),
        deny(Condition={**VPC, "ArnNotEquals": {"aws:PrincipalArn": [OTHER, DEPLOYER]}}),
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny(Condition={"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        deny(Condition={"Null": {"aws:SourceIp": "true"}}),
        deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}),
        deny(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalType": "User"}}),
        deny(Condition={"DateGreaterThan": {"aws:CurrentTime": AT_NOON}, "DateLessThan": {"aws:CurrentTime": AT_NOON}}),
        deny(Action="sqs:DeleteQueue"),
        deny(Principal={"AWS": OTHER}),
    ],
)
def test_what_leaves_the_deployer_alone_passes(statement: Raw) -> None:
    assert of_queue(DEPLOYER_KEPT, [statement], deployerArns=[DEPLOYER]) == ""


@pytest.mark.parametrize(
    "statement",
    [
        deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": OTHER}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}}),
        deny(Condition=VPC),
        deny(Condition={"DateGreaterThan": {"aws:CurrentTime": AT_NOON}}),
        deny(Condition={"NumericGreaterThan": {"aws:EpochTime": "1700000000"}}),
        deny(Condition={"StringLike": {"aws:userid": "*"}}),
        deny(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
        deny(Resource="arn:aws:sqs:*:*:jobs", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        deny(Condition={"Null": {"aws:SourceIp": "false"}}),
        deny(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalAccount": "123456789012"}}),
        deny(Condition={"StringEquals": {"aws:PrincipalType": "AssumedRole"}}),
        deny(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        deny(Principal={"AWS": DEPLOYER}),
        deny(Principal={"AWS": "123456789012"}),
        deny(Principal=None, NotPrincipal={"AWS": OTHER}),
        deny(Resource="arn:aws:sqs:*:123456789012:job?"),
        deny(Resource="*"),
        deny(Resource=None, NotResource="arn:aws:sqs:us-east-1:123456789012:other"),
    ],
)
def test_what_denies_the_deployer_is_told_with_the_statement(statement: Raw) -> None:
    told = of_queue(DEPLOYER_KEPT, [statement], deployerArns=[DEPLOYER])
    assert told.startswith(f"the queue policy: It denies {', '.join(MENDING)} to {DEPLOYER}")


@pytest.mark.parametrize("arn", ["arn:aws:iam::123456789012:user/jane", "arn:aws:iam::123456789012:root"])
def test_deployers_are_roles_users_or_the_root_user(arn: str) -> None:
    spares_nobody = deny(Condition={"ArnNotEquals": {"aws:PrincipalArn": DEPLOYER}})
    assert f"to {arn}" in of_queue(DEPLOYER_KEPT, [spares_nobody], deployerArns=[arn])


def test_the_sound_policies_keep_their_deployer() -> None:
    access = QueueAccess(
        queue_arn=ARN,
        dlq_arn=f"{ARN}-dlq",
        producer_arn="arn:aws:iam::123456789012:role/backend",
        consumer_arn="arn:aws:iam::123456789012:role/worker",
        origin=VpcOrigin("vpc-0a1b2c3d", "vpce-0a1b2c3d"),
        deployer_arns=[DEPLOYER],
    )
    for statements in (access.queue_statements(), access.dlq_statements()):
        assert of_queue(DEPLOYER_KEPT, [dict(one) for one in statements], deployerArns=[DEPLOYER]) == ""
        assert of_queue(DEPLOYER_KEPT, [dict(one) for one in statements]) == ""
