"""No rule fails on a document, whatever it says: what cannot be read is told in words."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import RULES
from policies.identities import IDENTITY_RULES
from policies.language import LANGUAGE_RULES
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.sampled_from(
    [
        "*",
        "",
        "sqs:*",
        "SQS:SendMessage",
        "sqs:Receive?essage",
        "iam:PassRole",
        "123456789012",
        "arn:aws:sqs:us-east-1:123456789012:jobs",
        "arn:aws:sqs:*:*:jobs",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:role/path/worker",
        "arn:aws:sts::123456789012:assumed-role/worker/session",
        "arn:::::",
        "sns.amazonaws.com",
        "${aws:username}",
        "${",
        "vpc-0a1b2c3d",
        "true",
        "2026-01-01T00:00:00Z",
        "10.0.0.0/8",
        "::/0",
        "-1.5",
        UNKNOWN,
    ]
)
VALUES = TEXTS | st.lists(TEXTS, max_size=3) | JSON
OPERATORS = st.sampled_from(
    [
        "StringEquals",
        "StringNotLike",
        "ArnLike",
        "ArnNotEqualsIfExists",
        "Bool",
        "Null",
        "IpAddress",
        "NotIpAddress",
        "DateGreaterThan",
        "NumericLessThanEquals",
        "ForAllValues:StringLike",
        "ForAnyValue:StringNotEquals",
        "Like",
        "",
    ]
)
KEYS = st.sampled_from(
    [
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:SourceIp",
        "aws:PrincipalArn",
        "aws:SecureTransport",
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:PrincipalIsAWSService",
        "aws:TagKeys",
        "key",
        "",
    ]
)
CONDITIONS = st.dictionaries(OPERATORS, st.dictionaries(KEYS, VALUES, max_size=2) | JSON, max_size=3) | JSON
PRINCIPALS = VALUES | st.dictionaries(st.sampled_from(["AWS", "Service", "Federated", "Who"]), VALUES, max_size=2)
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Sid": TEXTS | JSON,
        "Effect": st.sampled_from(["Allow", "Deny", "allow"]) | JSON,
        "Principal": PRINCIPALS,
        "NotPrincipal": PRINCIPALS,
        "Action": VALUES,
        "NotAction": VALUES,
        "Resource": VALUES,
        "NotResource": VALUES,
        "Condition": CONDITIONS,
        "Other": JSON,
    },
)
PLAUSIBLE = st.fixed_dictionaries(
    {"Statement": STATEMENTS | st.lists(STATEMENTS, max_size=3)},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"]) | JSON, "Id": JSON},
)
DOCUMENTS = PLAUSIBLE | JSON
CARRIERS = [
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"),
    ("aws:sqs/queue:Queue", "policy"),
    ("aws:iam/policy:Policy", "policy"),
    ("aws:iam/rolePolicy:RolePolicy", "policy"),
    ("aws:iam/userPolicy:UserPolicy", "policy"),
    ("aws:iam/groupPolicy:GroupPolicy", "policy"),
    ("aws:iam/role:Role", "assumeRolePolicy"),
    ("aws:iam/role:Role", "inlinePolicies"),
]
BESIDES: list[Mapping[str, object]] = [
    {},
    {"name": UNKNOWN, "role": UNKNOWN, "queueUrl": UNKNOWN},
    {"name": "jobs", "role": "it", "queueUrl": "https://q/1/jobs"},
]


@pytest.fixture(scope="module")
def whole_pack() -> PackUnderTest:
    return PackUnderTest([rule.as_policy() for rule in RULES], {"queue-policy-keeps-deployer": _DEPLOYERS})


_DEPLOYERS = {"deployerArns": ["arn:aws:iam::123456789012:role/deployer", "arn:aws:iam::123456789012:root"]}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(document=DOCUMENTS, carrier=st.sampled_from(CARRIERS), as_text=st.booleans(), besides=st.sampled_from(BESIDES))
def test_no_rule_fails_on_a_document(
    whole_pack: PackUnderTest,
    document: object,
    carrier: tuple[str, str],
    besides: Mapping[str, object],
    *,
    as_text: bool,
) -> None:
    type_token, name = carrier
    given = json.dumps(document) if as_text else document
    carried = [{"name": "x", "policy": given}] if name == "inlinePolicies" else given
    resource = Declared(type_token, "it", {**besides, name: carried})
    outcome = whole_pack.preview([resource])
    assert all(one.message for one in (*outcome.violations, *outcome.undecided))


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"Statement": ' * 5_000, "5", '"x"', "1" * 5_000, '{"Statement": [1]}', "null"]
)
@pytest.mark.parametrize("carrier", [("aws:iam/policy:Policy", "policy"), ("aws:iam/role:Role", "assumeRolePolicy")])
def test_a_text_that_is_no_document_is_told_by_one_rule(text: str, carrier: tuple[str, str]) -> None:
    type_token, name = carrier
    pack = PackUnderTest([rule.as_policy() for rule in (*IDENTITY_RULES, *LANGUAGE_RULES)])
    told = {one.policy for one in pack.preview([Declared(type_token, "it", {name: text})]).violations}
    assert "policy-is-well-formed" in told
    assert told <= {"policy-is-well-formed", "policy-within-quotas"}
