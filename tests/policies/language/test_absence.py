import pytest

from policies.language.absence import SOUND_WITHOUT_KEYS
from tests.policies.judging import Raw, allow, deny, of_policy, of_queue

VPC = {"aws:SourceVpc": "vpc-0a1b2c3d"}
PRESENT = {"Null": {"aws:SourceVpc": "false"}}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": VPC},
        {"StringNotLike": VPC},
        {"StringEqualsIfExists": VPC},
        {"ForAllValues:StringEquals": VPC},
        {"ForAllValues:StringNotEquals": VPC},
        {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/x"}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"NumericNotEquals": {"s3:max-keys": "1"}},
        {"BoolIfExists": {"aws:SecureTransport": "true"}},
        {"DateLessThanIfExists": {"aws:TokenIssueTime": "2026-01-01"}},
        {"StringNotEquals": VPC, "Null": {"aws:SourceVpce": "false"}},
        {"StringNotEquals": VPC, "Null": {"aws:SourceVpc": "true"}},
    ],
)
def test_an_allow_that_a_missing_key_opens_is_told(condition: Raw) -> None:
    for told in (
        of_queue(SOUND_WITHOUT_KEYS, [allow(Condition=condition)]),
        of_policy(SOUND_WITHOUT_KEYS, allow(Condition=condition)),
    ):
        assert "is true where the key is missing, and so allows" in told


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": VPC, "Bool": {"aws:SecureTransport": "true"}},
        {"ForAnyValue:StringLike": {"aws:TagKeys": "a*"}},
        {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}},
        {"StringNotEquals": VPC, **PRESENT},
        {"Null": {"aws:SourceVpc": "true"}},
    ],
)
def test_an_allow_that_needs_its_keys_passes(condition: Raw) -> None:
    assert of_policy(SOUND_WITHOUT_KEYS, allow(Condition=condition)) == ""


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": VPC},
        {"StringLike": {"aws:SourceVpce": "vpce-*"}},
        {"ForAnyValue:StringNotEquals": {"aws:CalledVia": "athena.amazonaws.com"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        {"Bool": {"aws:ViaAWSService": "false"}, "StringNotEquals": VPC},
        {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}},
    ],
)
def test_a_deny_that_a_missing_key_lifts_is_told(condition: Raw) -> None:
    assert "is false where the key is missing, and so does not deny" in of_queue(
        SOUND_WITHOUT_KEYS, [deny(Condition=condition)]
    )


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": VPC},
        {"StringEqualsIfExists": VPC},
        {"StringEquals": VPC, **PRESENT},
        {"ForAllValues:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}},
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false"}},
        {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/x"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}},
        {"StringEquals": {"aws:ResourceTag/secret": "yes", "s3:prefix": "secret"}},
        {"Null": {"aws:SourceVpc": "true"}},
        {"StringEquals": {"aws:SourceVpc": []}},
    ],
)
def test_a_deny_that_a_missing_key_does_not_lift_passes(condition: Raw) -> None:
    assert of_queue(SOUND_WITHOUT_KEYS, [deny(Condition=condition)]) == ""
