import json
from typing import cast

import pytest
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY

from components.statements import deny_plain_text
from policies.access.transport import TLS_REQUIRED
from tests.policies.judging import ARN, URL, Raw, allow, deny, document, of_queue
from tests.policy_harness.declared import UNKNOWN, Declared, secret
from tests.policy_harness.pack import PackUnderTest

PLAIN = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    "statements",
    [
        [deny(Condition=PLAIN)],
        [deny(Action="*", Condition=PLAIN)],
        [deny(Condition={"BoolIfExists": {"AWS:SECURETRANSPORT": False}})],
        [deny(Resource="*", Principal={"AWS": ["*"]}, Condition=PLAIN)],
        [deny(Action=None, NotAction="iam:*", Condition=PLAIN)],
        [deny(Action="sqs:*e", Condition=PLAIN), deny(Sid="2", Action=None, NotAction="sqs:*e", Condition=PLAIN)],
    ],
)
def test_a_deny_of_everything_in_plain_text_passes_however_it_is_written(statements: list[Raw]) -> None:
    assert of_queue(TLS_REQUIRED, statements) == ""


@pytest.mark.parametrize(
    "statement",
    [
        allow(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        deny(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        deny(Condition={"Bool": {"aws:SecureTransport": ["true", "false"]}}),
        deny(Condition={"Null": {"aws:SecureTransport": "true"}}),
        deny(Condition={"Bool": {"aws:ViaAWSService": "false"}}),
        deny(Condition={**PLAIN, "StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        deny(Condition={**PLAIN, "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/x"}}),
        deny(Principal={"AWS": "123456789012"}, Condition=PLAIN),
        deny(),
    ],
)
def test_what_lets_plain_text_pass_somewhere_is_told(statement: Raw) -> None:
    assert "does not deny anything without TLS" in of_queue(TLS_REQUIRED, [statement])


def test_the_actions_that_are_open_to_plain_text_are_named() -> None:
    told = of_queue(TLS_REQUIRED, [deny(Action=None, NotAction=["sqs:PurgeQueue", "sqs:TagQueue"], Condition=PLAIN)])
    assert "does not deny sqs:PurgeQueue, sqs:TagQueue without TLS" in told


# ---- The remedy


def _remedied(policy: object, **properties: object) -> dict[str, object]:
    pack = PackUnderTest([TLS_REQUIRED.as_policy()], {TLS_REQUIRED.name: "remediate"})
    given = {"queueUrl": URL, "policy": policy, **properties}
    return cast("dict[str, object]", pack.remediated(Declared("aws:sqs/queuePolicy:QueuePolicy", "it", given)))


def test_the_missing_statement_is_added_as_the_components_write_it() -> None:
    mended = _remedied(document(allow()))
    assert mended["queueUrl"] == URL
    assert json.loads(str(mended["policy"]))["Statement"] == [allow(), deny_plain_text(ARN)]
    assert json.loads(str(mended["policy"]))["Version"] == "2012-10-17"


def test_a_mended_policy_keeps_the_rule() -> None:
    statements = json.loads(str(_remedied(document(allow()))["policy"]))["Statement"]
    assert of_queue(TLS_REQUIRED, statements) == ""


def test_a_sid_that_is_taken_is_not_given_twice() -> None:
    narrowed = deny(Sid="DenyPlainText", Condition={**PLAIN, "Bool": {"aws:ViaAWSService": "false"}})
    statements = json.loads(str(_remedied(document(narrowed))["policy"]))["Statement"]
    assert [one["Sid"] for one in statements] == ["DenyPlainText", "DenyPlainText2"]


@pytest.mark.parametrize(
    "policy",
    [
        document(deny(Condition=PLAIN)),
        "{",
        {"Version": "2012-10-17", "Statement": [allow()]},
        document(*(allow(Sid=f"S{number}") for number in range(20))),
    ],
    ids=["sound already", "not readable", "a map", "no room for one more"],
)
def test_what_cannot_be_mended_safely_is_left_as_it_is(policy: object) -> None:
    assert _remedied(policy) == {"queueUrl": URL, "policy": policy}


def test_what_is_secret_stays_secret_and_what_is_unknown_unknown() -> None:
    mended = _remedied(secret(document(allow())), queueUrl=UNKNOWN, region=secret("us-east-1"))
    assert mended["queueUrl"] == UNKNOWN
    assert mended["region"] == secret("us-east-1")
    policy = cast("dict[str, str]", mended["policy"])
    assert policy[SPECIAL_SIG_KEY] == SPECIAL_SECRET_SIG
    assert "DenyPlainText" in policy["value"]


def test_a_policy_that_is_not_known_yet_cannot_be_mended_and_that_is_told() -> None:
    with pytest.raises(AssertionError, match="can't run remediation 'queue-policy-requires-tls'"):
        _remedied(UNKNOWN)


def test_nothing_is_mended_unless_configured() -> None:
    given = {"queueUrl": URL, "policy": document(allow())}
    pack = PackUnderTest([TLS_REQUIRED.as_policy()])
    assert pack.remediated(Declared("aws:sqs/queuePolicy:QueuePolicy", "it", given)) == given
