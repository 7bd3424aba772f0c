import pytest

from policies.language.conditions import CONDITIONS_CAN_HOLD
from tests.policies.judging import Raw, allow, deny, of_policy, of_queue

ROLE = "arn:aws:iam::123456789012:role/worker"
VPC, ENDPOINT = "vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"
NOON, LATER = "2026-01-01T12:00:00Z", "2026-06-01T12:00:00Z"


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringEquals": {"aws:SourceVpce": ENDPOINT}, "Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d", ENDPOINT]}, "StringLike": {"aws:SourceVpce": "vpce-0a*"}},
        {"StringEquals": {"aws:SourceVpc": VPC}, "StringNotEquals": {"aws:SourceVpc": "vpc-11112222"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}, "Null": {"aws:SourceVpc": "false"}},
        {"StringLike": {"aws:SourceVpc": "*"}},
        {"StringEqualsIfExists": {"aws:SourceVpc": VPC}, "Null": {"aws:SourceVpc": "true"}},
        {"StringEqualsIfExists": {"aws:username": "a"}, "StringLikeIfExists": {"aws:username": "b*"}},
        {"DateGreaterThan": {"aws:CurrentTime": NOON}, "DateLessThan": {"aws:CurrentTime": LATER}},
        {"DateGreaterThanEquals": {"aws:CurrentTime": NOON}, "DateLessThanEquals": {"aws:CurrentTime": NOON}},
        {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "1"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "2"}},
        {"NumericLessThan": {"aws:EpochTime": "1800000000"}, "DateGreaterThan": {"aws:EpochTime": NOON}},
        {
            "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
            "NotIpAddress": {"aws:SourceIp": "203.0.113.7"},
        },
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team-*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:*"}},
        {
            "StringLike": {
                "aws:PrincipalArn": ["arn:aws:*", "arn:aws:iam::*", "arn:aws:iam::1234*", "*:role/x", "arn:*:role/x"]
            }
        },
        {"StringLike": {"aws:username": "*"}, "Null": {"aws:username": "true"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:root"}},
        {"StringEquals": {"aws:username": "${aws:PrincipalTag/owner}"}, "StringLike": {"aws:username": "jane"}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}},
        {"ForAnyValue:StringEquals": {"aws:CalledVia": ["a"]}, "ForAnyValue:StringLike": {"aws:CalledVia": ["b*"]}},
        {"StringEquals": {"sqs:Anything": "*"}, "NumericEquals": {"s3:max-keys": "10"}},
        {"StringLike": {"aws:username": "a*"}, "StringNotLike": {"aws:username": "*b"}},
        {"StringEqualsIgnoreCase": {"aws:username": "JANE"}, "StringEquals": {"aws:username": "jane"}},
        {"Bool": {"aws:SecureTransport": ["true", "false"]}},
    ],
)
def test_conditions_that_can_hold_pass(condition: Raw) -> None:
    assert of_queue(CONDITIONS_CAN_HOLD, [deny(Condition=condition)]) == ""
    assert of_policy(CONDITIONS_CAN_HOLD, allow(Condition=condition)) == ""


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:username": "b*"}},
        {"StringEquals": {"aws:username": ["a", "b"]}, "StringNotEquals": {"aws:username": ["a", "b", "c"]}},
        {
            "StringLike": {"aws:username": "a*"},
            "StringLikeIfExists": {"aws:username": "b*"},
            "Null": {"aws:username": "false"},
        },
        {"StringLike": {"aws:PrincipalArn": "arn:aws:*"}, "ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/*"}},
        {"StringEquals": {"aws:username": "a"}, "StringEqualsIgnoreCase": {"aws:username": "b"}},
        {"Null": {"aws:SourceVpc": "true"}, "StringEquals": {"aws:SourceVpc": VPC}},
        {"Null": {"aws:TagKeys": "true"}, "ForAnyValue:StringEquals": {"aws:TagKeys": "a"}},
        {"Null": {"aws:SecureTransport": "true"}},
        {"Null": {"aws:SecureTransport": "true"}, "BoolIfExists": {"aws:SecureTransport": "false"}},
        {"Bool": {"aws:SecureTransport": "true"}, "BoolIfExists": {"aws:SecureTransport": "false"}},
        {"DateGreaterThan": {"aws:CurrentTime": LATER}, "DateLessThan": {"aws:CurrentTime": NOON}},
        {"DateGreaterThan": {"aws:CurrentTime": NOON}, "DateLessThan": {"aws:CurrentTime": NOON}},
        {"DateGreaterThan": {"aws:EpochTime": "1800000000"}, "NumericLessThan": {"aws:EpochTime": "1700000000"}},
        {"NumericGreaterThan": {"s3:max-keys": "10"}, "NumericLessThanEquals": {"s3:max-keys": "10"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "NotIpAddress": {"aws:SourceIp": "203.0.0.0/16"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "IpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"}},
        {"StringEquals": {"aws:SourceVpc": VPC}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"aws:SourceVpce": "vpce-*"}, "StringEquals": {"aws:SourceAccount": "123456789012"}},
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_conditions_that_exclude_each_other_are_told(condition: Raw, effect: str) -> None:
    told = of_policy(CONDITIONS_CAN_HOLD, allow(Effect=effect, Condition=condition))
    what = "allows" if effect == "Allow" else "denies"
    assert told.startswith(f"the policy: It {what} nothing, as its conditions never hold together: ")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"StringEquals": {"aws:SourceVpce": VPC}}, f"aws:SourceVpce is never {VPC}; it is a VPC endpoint's id"),
        ({"StringNotEquals": {"aws:SourceVpc": ENDPOINT}}, f"aws:SourceVpc is never {ENDPOINT}"),
        ({"StringEquals": {"aws:SourceVpc": "vpc-123"}}, "aws:SourceVpc is never vpc-123"),
        ({"StringLike": {"aws:SourceVpc": "vpce-*"}}, "aws:SourceVpc is never vpce-*"),
        ({"StringEquals": {"aws:SourceVpc": "vpc-*"}}, "a wildcard is plain text to this operator"),
        ({"StringEquals": {"aws:SourceAccount": "1234"}}, "aws:SourceAccount is never 1234; it is an account's twelve"),
        ({"StringEquals": {"aws:PrincipalOrgID": "r-a1b2"}}, "aws:PrincipalOrgID is never r-a1b2"),
        (
            {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:sts::123456789012:assumed-role/worker/*"}},
            "it is the ARN of a role (not of its session)",
        ),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:sns"}}, "has not the six parts of one"),
        ({"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}, "it is a public address; aws:VpcSourceIp is the private one"),
        ({"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "fd00::/8"]}}, "aws:SourceIp is never fd00::/8"),
        ({"StringEquals": {"aws:SourceIp": "203.0.113.7"}}, "aws:SourceIp is compared by ip operators"),
        ({"StringEquals": {"aws:SecureTransport": "true"}}, "aws:SecureTransport is compared by bool operators"),
        ({"NumericEquals": {"aws:CurrentTime": "1"}}, "aws:CurrentTime is compared by date operators"),
        ({"StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}, "begin with ForAnyValue: or ForAllValues:"),
        ({"Bool": {"aws:SourceVpc": "true"}}, "aws:SourceVpc is compared by string operators"),
        ({"ArnLike": {"aws:SourceAccount": "arn:a:b:c:d:e"}}, "aws:SourceAccount is compared by string operators"),
        ({"Bool": {"aws:SecureTransport": "yes"}}, "Bool compares with 'yes'; it is true or false"),
        ({"Null": {"aws:SourceVpc": "absent"}}, "it is true (absent) or false (present)"),
        ({"StringEquals": {"aws:SourceVpc": []}}, "names no value to compare with"),
        ({"StringEqual": {"aws:SourceVpc": VPC}}, "there is no condition operator 'stringequal'"),
        ({"StringEquals": {"SourceVpc": VPC}}, "has no prefix such as aws: or sqs:"),
        ({"DateLessThan": {"aws:CurrentTime": "tomorrow"}}, "'tomorrow' is no instant"),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}, "is no IP address or range"),
    ],
)
def test_a_condition_that_cannot_be_met_as_it_is_meant_is_told(condition: Raw, words: str) -> None:
    told = of_policy(CONDITIONS_CAN_HOLD, allow(Condition=condition))
    assert "It has a condition that cannot be met as it is meant" in told
    assert words in told


def test_a_key_that_only_services_bring_is_told_where_only_callers_are_named() -> None:
    from_topic = {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:topic"}}
    told = of_queue(CONDITIONS_CAN_HOLD, [allow(Principal={"AWS": ROLE}, Condition=from_topic)])
    assert "the key is there when a service asks as itself, and none is named" in told
    for principal in ("*", {"Service": "sns.amazonaws.com"}):
        assert of_queue(CONDITIONS_CAN_HOLD, [allow(Principal=principal, Condition=from_topic)]) == ""


WORKERS_SESSION = "arn:aws:sts::123456789012:assumed-role/worker/1"
USER = "arn:aws:iam::123456789012:user/jane"
SNS = "sns.amazonaws.com"


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        ({"AWS": ROLE}, {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/other"}}),
        ({"AWS": ROLE}, {"ArnNotEquals": {"aws:PrincipalArn": ROLE}}),
        ({"AWS": ROLE}, {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}),
        ({"AWS": ROLE}, {"Bool": {"aws:PrincipalIsAWSService": "true"}}),
        ({"AWS": ROLE}, {"StringEquals": {"aws:PrincipalType": "User"}}),
        ({"AWS": ROLE}, {"StringLike": {"aws:username": "jane"}}),
        ({"AWS": USER}, {"StringLike": {"aws:username": "bob"}}),
        ({"AWS": [ROLE, USER]}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other"}}),
        ({"AWS": WORKERS_SESSION}, {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*other"}}),
        ({"AWS": "123456789012"}, {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}),
        ({"Service": SNS}, {"StringEquals": {"aws:SourceVpc": VPC}}),
        ({"Service": SNS}, {"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        ({"Service": SNS}, {"StringEquals": {"aws:PrincipalServiceName": "events.amazonaws.com"}}),
        ("*", {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        ({"AWS": ROLE}, {"StringNotLike": {"aws:RequestedRegion": "us-*"}}),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_what_is_never_true_of_whom_or_what_a_statement_is_for_is_told(
    principal: object, condition: Raw, effect: str
) -> None:
    told = of_queue(CONDITIONS_CAN_HOLD, [allow(Effect=effect, Principal=principal, Condition=condition)])
    assert "nothing, as its conditions never hold together: " in told
    assert ": it is never true of " in told or ": the key is there when " in told


@pytest.mark.parametrize(
    "elements",
    [
        {"Principal": {"AWS": ROLE}, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/work*"}}},
        {"Principal": {"AWS": [ROLE, USER]}, "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}},
        {"Principal": {"AWS": ["*", ROLE]}, "Condition": {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}},
        {"Principal": {"AWS": ROLE}, "Condition": {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}},
        {
            "Principal": {"AWS": WORKERS_SESSION},
            "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/worker"}},
        },
        {"Principal": {"AWS": ROLE, "Service": SNS}, "Condition": {"StringEquals": {"aws:SourceVpc": VPC}}},
        {"Principal": {"Service": SNS}, "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": VPC}}},
        {"Principal": {"AWS": ROLE}, "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
        {
            "Principal": {"AWS": ROLE},
            "Resource": "arn:aws:sqs:*:*:jobs",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    ],
)
def test_what_may_be_true_of_one_of_them_passes(elements: Raw) -> None:
    assert of_queue(CONDITIONS_CAN_HOLD, [allow(**elements)]) == ""
