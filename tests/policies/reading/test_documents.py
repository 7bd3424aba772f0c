import json

import pytest
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from policies.reading.documents import Kind, documents, plain
from policies.rule import Resource
from tests.policies.judging import allow, document
from tests.policy_harness.declared import UNKNOWN

ROLE = "aws:iam/role:Role"


def _resource(type_token: str, **properties: object) -> Resource:
    return Resource(type_token, "urn:it", unknown_checking_proxy(properties), derived=frozenset(properties))


def test_a_role_carries_its_trust_and_its_inline_policies() -> None:
    inline = [{"name": "mine", "policy": "{}"}, {}, {"name": "empty", "policy": ""}, {"policy": "[]"}]
    role = _resource(ROLE, assumeRolePolicy="{}", inlinePolicies=inline)
    assert [(one.kind, one.name, one.text) for one in documents(role)] == [
        (Kind.TRUST, "the trust policy", "{}"),
        (Kind.IDENTITY, "the inline policy 'mine'", "{}"),
        (Kind.IDENTITY, "the inline policy 4", "[]"),
    ]
    assert [one.name for one in documents(role, Kind.TRUST)] == ["the trust policy"]


def test_what_is_known_comes_before_what_is_not() -> None:
    inline = [{"name": "mine", "policy": UNKNOWN}, {"name": UNKNOWN, "policy": "{}"}, {"name": "yours", "policy": "{}"}]
    role = _resource(ROLE, assumeRolePolicy=UNKNOWN, inlinePolicies=inline)
    found = documents(role)
    assert [next(found).name, next(found).name] == ["the inline policy 2", "the inline policy 'yours'"]
    with pytest.raises(UnknownValueError):
        next(found)


def test_what_is_not_asked_for_leaves_nobody_in_doubt() -> None:
    role = _resource(ROLE, assumeRolePolicy="{}", inlinePolicies=UNKNOWN)
    assert [one.name for one in documents(role, Kind.TRUST)] == ["the trust policy"]
    found = documents(role)
    assert next(found).name == "the trust policy"
    with pytest.raises(UnknownValueError):
        next(found)
    with pytest.raises(UnknownValueError):
        list(documents(role, Kind.IDENTITY))


def test_a_queue_may_have_no_policy_and_what_aws_fills_in_is_nobodys() -> None:
    assert list(documents(_resource("aws:sqs/queue:Queue", name="jobs", policy=""))) == []
    filled_in = Resource("aws:sqs/queue:Queue", "urn:it", unknown_checking_proxy({"policy": UNKNOWN}))
    assert list(documents(filled_in)) == []


def test_an_empty_policy_of_its_own_is_a_document_that_cannot_be_read() -> None:
    (only,) = documents(_resource("aws:sqs/queuePolicy:QueuePolicy", policy=""))
    assert only.text == ""


def test_a_map_is_written_as_text_with_whole_numbers() -> None:
    given = {"Statement": [{"Effect": "Allow", "Condition": {"NumericEquals": {"aws:EpochTime": 1.0, "x": 1.5}}}]}
    (only,) = documents(_resource("aws:iam/policy:Policy", policy=given))
    assert json.loads(only.text) == given
    assert '"aws:EpochTime":1,' in only.text


def test_a_part_of_a_map_that_is_not_known_makes_it_unknown() -> None:
    policy = _resource("aws:iam/policy:Policy", policy={"Statement": [{"Resource": UNKNOWN}]})
    with pytest.raises(UnknownValueError) as raised:
        list(documents(policy))
    assert raised.value.message.endswith(".policy.Statement.0.Resource can't be known during preview")


def test_other_resources_carry_none() -> None:
    assert list(documents(_resource("aws:s3/bucketPolicy:BucketPolicy", policy=document(allow())))) == []


def test_plain_values_are_lists_and_maps() -> None:
    assert plain(unknown_checking_proxy({"a": [1.0, {"b": None}]})) == {"a": [1, {"b": None}]}
