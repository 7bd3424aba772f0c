"""The facts of AWS that proofs lean on are true of every request that can be made, and of few others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.evaluator import holds
from access.proof.axioms import SINGLE_VALUED, axioms, is_single_valued
from access.request import Facts, Principal
from tests.access import generated
from tests.access.scene import ACCOUNT, EVERYBODY, ROLE, USER, asks

AXIOMS = axioms(partition="aws", endpoints={"vpce-1": "vpc-1"})
DIRECT: Facts = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
THROUGH_ENDPOINT: Facts = {**DIRECT, "aws:SourceVpc": ("vpc-1",), "aws:SourceVpce": ("vpce-1",)}
THROUGH_ANOTHER: Facts = {**DIRECT, "aws:SourceVpc": ("vpc-2",), "aws:SourceVpce": ("vpce-2",)}
FORWARDED: Facts = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("true",)}
FROM_OUTSIDE: Facts = {**DIRECT, "aws:SourceIp": ("203.0.113.7",)}

CALLERS = (
    *EVERYBODY,
    Principal.role_session(ROLE.replace("team/", ""), "a.b@c", role_id="AROAEXAMPLEEXAMPLE03"),
    Principal.role_session(ROLE, "one", role_id="AROAEXAMPLEEXAMPLE01", provider="cognito-identity.amazonaws.com"),
    Principal.user(USER.replace("user/", "user/a/b/"), user_id="AIDAEXAMPLEEXAMPLE02"),
    Principal.federated(f"arn:aws:sts::{ACCOUNT}:federated-user/bob"),
    Principal.federated(f"arn:aws:sts::{ACCOUNT}:federated-user/bob", user_arn=USER.replace("user/", "user/a/")),
    Principal.service("logs.amazonaws.com", "logs.us-east-1.amazonaws.com"),
)


@settings(deadline=None)
@given(
    st.sampled_from(CALLERS),
    st.sampled_from((DIRECT, THROUGH_ENDPOINT, THROUGH_ANOTHER, FORWARDED, FROM_OUTSIDE)),
    generated.contexts(),
)
def test_every_request_keeps_to_the_axioms(principal: Principal, way: Facts, others: Facts) -> None:
    assert holds(AXIOMS, asks(principal, context={**others, **way}).facts)


@pytest.mark.parametrize(
    "way",
    [
        {},
        {"aws:SecureTransport": ("true",)},
        {"aws:ViaAWSService": ("true",)},
        {**DIRECT, "aws:SecureTransport": ("perhaps",)},
        {**DIRECT, "aws:SourceVpc": ("vpc-1",)},
        {**DIRECT, "aws:SourceVpce": ("vpce-1",)},
        {**THROUGH_ENDPOINT, "aws:SourceVpc": ("vpc-2",)},
        {**THROUGH_ENDPOINT, "aws:SourceIp": ("203.0.113.7",)},
    ],
)
def test_no_request_comes_in_a_way_that_there_is_not(way: Facts) -> None:
    assert not holds(AXIOMS, asks(EVERYBODY[0], context=way).facts)


@pytest.mark.parametrize("principal", CALLERS, ids=str)
def test_nothing_about_a_caller_can_be_otherwise(principal: Principal) -> None:
    facts = asks(principal, context=DIRECT).facts
    open_facts = {"aws:federatedprovider", "aws:resourceaccount", "principal.id", "aws:principalservicenameslist"}
    for fact in facts.keys() & {*principal.facts} - open_facts:
        assert not holds(AXIOMS, {**facts, fact: ("arn:aws:iam::999999999999:role/else",)}), fact
        assert not holds(AXIOMS, {other: facts[other] for other in facts if other != fact}), fact


def test_a_caller_of_another_partition_cannot_sign() -> None:
    elsewhere = Principal.role_session(ROLE.replace("arn:aws:", "arn:aws-cn:"), "one")
    assert not holds(AXIOMS, asks(elsewhere, context=DIRECT).facts)


@pytest.mark.parametrize("principal", [Principal.role_session(ROLE, "one"), Principal.user(USER)], ids=str)
def test_whoever_signs_has_an_id(principal: Principal) -> None:
    assert not holds(AXIOMS, asks(principal, context=DIRECT).facts)


def test_tags_and_what_is_no_key_have_one_value() -> None:
    single = ("aws:principaltag/team", "aws:requesttag/a", "aws:resourcetag/env", "aws:sourceip", "principal.name")
    several = ("aws:principalorgpaths", "aws:tagkeys", "aws:principalservicenameslist", "sqs:whatever")
    assert [is_single_valued(fact) for fact in (*single, *several)] == [True] * 5 + [False] * 4


def test_keys_are_in_lower_case_as_facts_are() -> None:
    assert {key.lower() for key in SINGLE_VALUED} == SINGLE_VALUED
