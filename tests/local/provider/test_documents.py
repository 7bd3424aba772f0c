import json
from collections.abc import Mapping

import pytest

from local.provider.documents import MalformedDocument, parse, same_json, same_policy

ROLES = ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"]
ACTIONS = ["sqs:SendMessage", "sqs:GetQueueUrl"]
STATEMENT: Mapping[str, object] = {
    "Sid": "Send",
    "Effect": "Allow",
    "Principal": {"AWS": ROLES},
    "Action": ACTIONS,
    "Resource": "arn:aws:sqs:us-east-1:123456789012:jobs",
    "Condition": {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}, "Bool": {"aws:SecureTransport": "true"}},
}
OTHER: Mapping[str, object] = {
    "Sid": "No",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:PurgeQueue",
    "Resource": "*",
}


def policy(*statements: Mapping[str, object], **more: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements], **more})


def with_(**changes: object) -> Mapping[str, object]:
    return {**STATEMENT, **changes}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(json.dumps(json.loads(policy(STATEMENT)), indent=2, sort_keys=True), id="whitespace and keys"),
        pytest.param(policy(with_(Action=ACTIONS[::-1])), id="order of actions"),
        pytest.param(policy(with_(Resource=[STATEMENT["Resource"]])), id="a list of one"),
        pytest.param(policy(with_(Effect="allow")), id="case of the effect"),
        pytest.param(policy({key.lower(): value for key, value in STATEMENT.items()}), id="case of element names"),
        pytest.param(policy(with_(Principal={"AWS": ROLES[::-1]})), id="order of principals"),
        pytest.param(
            policy(
                with_(
                    Condition={
                        "Bool": {"aws:SecureTransport": True},
                        "StringEquals": {"aws:SourceVpc": ["vpc-2", "vpc-1"]},
                    }
                )
            ),
            id="conditions",
        ),
        pytest.param(json.dumps({"Version": "2012-10-17", "Statement": dict(STATEMENT)}), id="one statement, no list"),
        pytest.param(policy(with_(NotResource=[])), id="an empty list"),
    ],
)
def test_policies_that_say_the_same_are_equivalent(other: str) -> None:
    assert same_policy(policy(STATEMENT), other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(policy(with_(Action=["sqs:SendMessage"])), id="an action less"),
        pytest.param(policy(with_(Action=["sqs:*"])), id="a wildcard"),
        pytest.param(policy(with_(Action=["SQS:SendMessage", "sqs:GetQueueUrl"])), id="case of an action"),
        pytest.param(policy(with_(Effect="Deny")), id="the effect"),
        pytest.param(policy(with_(Sid="Other")), id="the sid"),
        pytest.param(policy(with_(Principal="*")), id="everybody"),
        pytest.param(policy(with_(Principal={"AWS": ["arn:aws:iam::123456789012:role/a"]})), id="a principal less"),
        pytest.param(policy(with_(Condition={})), id="no condition"),
        pytest.param(policy(STATEMENT, STATEMENT), id="a statement twice"),
        pytest.param(policy(STATEMENT, OTHER), id="a statement more"),
        pytest.param(policy(STATEMENT, Version="2008-10-17"), id="the version"),
        pytest.param("", id="no document"),
        pytest.param("{", id="broken text"),
    ],
)
def test_policies_that_differ_are_not(other: str) -> None:
    assert not same_policy(policy(STATEMENT), other)


def test_the_order_of_statements_does_not_matter() -> None:
    assert same_policy(policy(STATEMENT, OTHER), policy(OTHER, STATEMENT))


def test_an_account_is_its_root_user() -> None:
    def trusting(who: str) -> str:
        return policy({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"})

    assert same_policy(trusting("123456789012"), trusting("arn:aws:iam::123456789012:root"))
    assert not same_policy(trusting("123456789012"), trusting("arn:aws:iam::999988887777:root"))
    assert not same_policy(trusting("123456789012"), trusting("arn:aws:iam::123456789012:role/root"))


def test_broken_texts_are_the_same_only_letter_by_letter() -> None:
    assert same_policy("{", "{")
    assert not same_policy("{", "{ ")
    assert not same_policy('"text"', '"text" ')


def test_json_is_compared_as_values() -> None:
    assert same_json('{"a": 1, "b": [1, 2]}', '{"b":[1,2],"a":1}')
    assert not same_json('{"b": [1, 2]}', '{"b": [2, 1]}')
    assert not same_json('{"maxReceiveCount": 3}', '{"maxReceiveCount": "3"}')
    assert not same_json('{"a": 1}', "")
    assert not same_json('{"a": 1}', "{")


def test_a_key_twice_is_a_fault() -> None:
    with pytest.raises(MalformedDocument, match="'Effect' appears twice"):
        parse('{"Effect": "Allow", "Effect": "Deny"}')


def test_what_is_no_json_says_where() -> None:
    with pytest.raises(MalformedDocument, match="line 1 column"):
        parse("{nope}")
