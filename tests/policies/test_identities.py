import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from components.grants import JobStorage, QueueAccess, consumer_statements, producer_statements
from components.statements import document
from policies.identities import no_aws_managed_policy, no_wildcard_grant

if TYPE_CHECKING:
    from tests.policies.conftest import AsEngineGives

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # the engine's stand-in for a text that is not known yet
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"


def _policy(**statement: Any) -> str:  # noqa: ANN401 - a statement's fields are of every kind
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Allow", **statement}]})


def test_the_policies_of_a_sound_stack_pass(as_engine_gives: "AsEngineGives", access: QueueAccess) -> None:
    storage = JobStorage("arn:aws:s3:::b/user_*", "arn:aws:s3:::b/results/*", "arn:aws:ssm:us-east-1:1:parameter/x")
    for statements in (
        producer_statements(access, storage, region="us-east-1", kms_key_arn=None),
        consumer_statements(access, storage, region="us-east-1", kms_key_arn=None),
    ):
        assert list(no_wildcard_grant(as_engine_gives({"policy": document(statements)}))) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({"Action": "*", "Resource": QUEUE}, r"allows \*"),
        ({"Action": "sqs:*", "Resource": QUEUE}, r"sqs:\*"),
        ({"Action": ["sqs:SendMessage", "sqs:Get*"], "Resource": QUEUE}, r"sqs:get\*"),
        ({"NotAction": "iam:*", "Resource": QUEUE}, "NotAction"),
        ({"Action": "sqs:SendMessage", "Resource": "*"}, r"on \*"),
        ({"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:jobs"}, "name the ARNs"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}, "name the ARNs"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/user_*"}, "name the ARNs"),
        ({"Action": "sqs:SendMessage", "NotResource": QUEUE}, "NotResource"),
    ],
)
def test_a_wide_grant_is_refused_with_its_statement(
    as_engine_gives: "AsEngineGives", statement: dict[str, object], words: str
) -> None:
    messages = list(no_wildcard_grant(as_engine_gives({"policy": _policy(**statement)})))
    assert all("the policy: S " in message for message in messages)
    assert re.search(words, " | ".join(messages))


def test_a_wide_deny_is_nobodys_grant(as_engine_gives: "AsEngineGives") -> None:
    text = _policy(Effect="Deny", Action="*", Resource="*")
    assert list(no_wildcard_grant(as_engine_gives({"policy": text}))) == []


def test_a_roles_inline_policies_are_looked_at(as_engine_gives: "AsEngineGives") -> None:
    inline = [{"name": "mine", "policy": _policy(Action="*", Resource=QUEUE)}]
    (message,) = no_wildcard_grant(as_engine_gives({"name": "role", "inlinePolicies": inline}))
    assert message.startswith("the inline policy 'mine': S allows *")


def test_a_document_that_cannot_be_read_is_a_violation(as_engine_gives: "AsEngineGives") -> None:
    (message,) = no_wildcard_grant(as_engine_gives({"policy": "{"}))
    assert "cannot be read" in message


ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize("properties", [{"policyArn": ADMINISTRATOR}, {"managedPolicyArns": [ADMINISTRATOR]}])
def test_a_policy_that_aws_keeps_is_refused(as_engine_gives: "AsEngineGives", properties: dict[str, object]) -> None:
    (message,) = no_aws_managed_policy(as_engine_gives(properties))
    assert ADMINISTRATOR in message


@pytest.mark.parametrize("arn", ["arn:aws:iam::123456789012:policy/mine", UNKNOWN])
def test_a_policy_of_the_account_or_of_the_stack_itself_passes(as_engine_gives: "AsEngineGives", arn: str) -> None:
    assert list(no_aws_managed_policy(as_engine_gives({"policyArn": arn}))) == []
