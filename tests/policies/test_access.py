import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pulumi_policy.proxy import UnknownValueError

from components.grants import QueueAccess
from components.statements import Statement
from policies.access import ACCESS_RULES
from policies.rule import ResourceRule

if TYPE_CHECKING:
    from tests.policies.conftest import AsEngineGives

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's stand-in for a text that is not known yet
DESTRUCTION, VPC, PRINCIPALS = ACCESS_RULES
Change = Callable[[list[Statement]], list[Any]]


def _violations(as_engine_gives: "AsEngineGives", rule: ResourceRule, statements: list[Any]) -> list[str]:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return list(rule.check(as_engine_gives({"queueUrl": "https://queue", "policy": text})))


def _without(sid: str) -> Change:
    return lambda statements: [one for one in statements if one["Sid"] != sid]


def _changed(sid: str, **fields: object) -> Change:
    return lambda statements: [{**one, **fields} if one["Sid"] == sid else one for one in statements]


@pytest.mark.parametrize("rule", ACCESS_RULES, ids=lambda rule: rule.name)
def test_the_documents_of_a_sound_stack_pass(
    as_engine_gives: "AsEngineGives", access: QueueAccess, rule: ResourceRule
) -> None:
    assert _violations(as_engine_gives, rule, list(access.queue_statements())) == []
    assert _violations(as_engine_gives, rule, list(access.dlq_statements())) == []


@pytest.mark.parametrize(
    ("rule", "change", "words"),
    [
        (DESTRUCTION, _without("DenyPurgeQueue"), "does not deny sqs:PurgeQueue"),
        (DESTRUCTION, _without("DenyDeleteQueue"), "does not deny sqs:DeleteQueue"),
        (DESTRUCTION, _changed("DenyPurgeQueue", Effect="Allow"), "sqs:PurgeQueue"),
        (DESTRUCTION, _changed("DenyPurgeQueue", Principal={"AWS": "arn:aws:iam::1:role/x"}), "sqs:PurgeQueue"),
        (
            DESTRUCTION,
            _changed("DenyPurgeQueue", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:*"}}),
            "sqs:PurgeQueue",
        ),
        (
            DESTRUCTION,
            _changed("DenyPurgeQueue", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            "sqs:PurgeQueue",
        ),
        (VPC, _changed("AllowProducer", Condition={}), "AllowProducer allows access to messages from anywhere"),
        (
            VPC,
            _changed("AllowConsumer", Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
            "AllowConsumer allows",
        ),
        (
            VPC,
            _changed("AllowConsumer", Condition={"StringEquals": {"aws:SourceVpc": "*"}}),
            "AllowConsumer allows",
        ),
        (VPC, _without("DenyMessagesFromOutsideVpc"), "does not deny sqs:SendMessage from outside the VPC"),
        (VPC, _changed("DenyMessagesFromOutsideVpc", Action="sqs:SendMessage"), "sqs:ReceiveMessage from outside"),
        (
            VPC,
            _changed(
                "DenyMessagesFromOutsideVpc",
                Condition={
                    "StringNotEquals": {"aws:SourceVpc": "vpc-1"},
                    "StringEquals": {"aws:PrincipalTag/x": "never"},
                },
            ),
            "does not deny sqs:SendMessage from outside the VPC",
        ),
        (
            DESTRUCTION,
            _changed("DenyPurgeQueue", Resource="arn:aws:sqs:us-east-1:123456789012:other"),
            "does not deny sqs:PurgeQueue",
        ),
        (PRINCIPALS, _changed("AllowProducer", Principal="*"), r"AllowProducer allows \*"),
        (PRINCIPALS, _changed("AllowProducer", Principal={"AWS": ["arn:a", "*"]}), r"AllowProducer allows \*"),
        (PRINCIPALS, _changed("AllowProducer", Principal={"AWS": "arn:aws:iam::1:role/*"}), "role"),
        (PRINCIPALS, _changed("AllowProducer", Principal=None, NotPrincipal={"AWS": "arn:a"}), "NotPrincipal"),
    ],
)
def test_a_weakened_document_is_refused_with_what_to_change(
    as_engine_gives: "AsEngineGives", access: QueueAccess, rule: ResourceRule, change: Change, words: str
) -> None:
    messages = _violations(as_engine_gives, rule, change(access.queue_statements()))
    assert re.search(words, " | ".join(messages))


@pytest.mark.parametrize("rule", ACCESS_RULES, ids=lambda rule: rule.name)
def test_a_document_that_cannot_be_read_is_a_violation(as_engine_gives: "AsEngineGives", rule: ResourceRule) -> None:
    (message,) = rule.check(as_engine_gives({"policy": "{"}))
    assert "cannot be read" in message


@pytest.mark.parametrize("rule", ACCESS_RULES, ids=lambda rule: rule.name)
def test_a_queues_own_policy_is_checked_too_and_none_is_left_to_the_stack_rule(
    as_engine_gives: "AsEngineGives", rule: ResourceRule
) -> None:
    assert "aws:sqs/queue:Queue" in rule.types
    assert list(rule.check(as_engine_gives({"name": "jobs"}))) == []


@pytest.mark.parametrize("rule", ACCESS_RULES, ids=lambda rule: rule.name)
def test_an_unknown_document_does_not_pass_silently(as_engine_gives: "AsEngineGives", rule: ResourceRule) -> None:
    with pytest.raises(UnknownValueError):
        list(rule.check(as_engine_gives({"policy": UNKNOWN})))
