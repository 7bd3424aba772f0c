"""What cases do not show of the rules on the network: identity policies, patterns, what is not known yet."""

import json
from dataclasses import replace

import pytest

from policies.network.endpoint_policy import ENDPOINT_HAS_POLICY
from policies.network.vpc_condition import VPC_CONDITION_HAS_ENDPOINT
from tests.policies.cases_network import ANYTHING, endpoint, from_vpc, vpc_of
from tests.policies.judging import URL, Raw, allow, deny, document, judged, of_policy
from tests.policies.sound import LEFT_OUT, Sound, changed
from tests.policy_harness.declared import UNKNOWN, Declared
from tests.policy_harness.pack import PackUnderTest

SOUND = Sound("x")
VPC = vpc_of(SOUND)
OWN = endpoint(SOUND)
ENDPOINT = "vpce-0a1b2c3d4e5f60718"


def of_vpc(operator: str = "StringEquals", *vpcs: str) -> Raw:
    """An Allow from VPCs."""
    return allow(Principal={"AWS": "arn:aws:iam::123456789012:role/x"}, Condition={operator: {"aws:SourceVpc": vpcs}})


def policy(*statements: Raw) -> Declared:
    """A queue's policy."""
    return Declared("aws:sqs/queuePolicy:QueuePolicy", "x-policy", {"queueUrl": URL, "policy": document(*statements)})


@pytest.mark.parametrize(
    "statement",
    [
        of_vpc("StringEquals", VPC),
        of_vpc("StringLikeIfExists", VPC),
        of_vpc("ForAnyValue:StringEquals", VPC, "vpc-0b"),
        deny(Condition={"StringNotEquals": {"AWS:sourceVPC": VPC}}),
    ],
)
def test_whatever_the_operator_a_vpc_needs_an_endpoint(statement: Raw) -> None:
    told = "\n".join(judged(VPC_CONDITION_HAS_ENDPOINT, policy(statement)))
    assert f"asks for requests from {VPC}, but this stack has no interface endpoint for SQS there" in told
    assert VPC not in "\n".join(judged(VPC_CONDITION_HAS_ENDPOINT, policy(statement), OWN))


def test_each_vpc_is_told_once() -> None:
    told = judged(
        VPC_CONDITION_HAS_ENDPOINT, policy(of_vpc("StringEquals", VPC), of_vpc("StringEquals", VPC, "vpc-0b"))
    )
    assert len(told) == len({VPC, "vpc-0b"})


@pytest.mark.parametrize(
    "statement",
    [
        allow(Principal="*"),
        of_vpc("StringLike", "vpc-*"),
        allow(Condition={"StringEquals": {"aws:SourceVpce": ENDPOINT, "aws:SourceVpc": VPC}}),
    ],
)
def test_without_a_vpc_of_its_own_or_with_an_endpoint_it_needs_none(statement: Raw) -> None:
    assert judged(VPC_CONDITION_HAS_ENDPOINT, policy(statement)) == []


def test_an_identity_policy_needs_one_for_sqs_only() -> None:
    conditioned = {"Condition": {"StringEquals": {"aws:SourceVpc": VPC}}}
    assert VPC in of_policy(VPC_CONDITION_HAS_ENDPOINT, allow(Action="sqs:Send*", **conditioned))
    assert of_policy(VPC_CONDITION_HAS_ENDPOINT, allow(Action="s3:GetObject", Resource="*", **conditioned)) == ""


@pytest.mark.parametrize(
    ("service", "kept"),
    [
        ("com.amazonaws.us-east-1.sqs", True),
        ("com.amazonaws.us-gov-west-1.sqs-fips", True),
        ("cn.com.amazonaws.cn-north-1.sqs", True),
        ("com.amazonaws.us-east-1.sqsx", False),
        ("com.amazonaws.vpce.us-east-1.vpce-svc-0a", False),
    ],
)
def test_an_endpoint_for_sqs_is_told_by_its_service(
    service: str,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    resources = changed(from_vpc(SOUND), "endpoint", serviceName=service)
    assert (judged(VPC_CONDITION_HAS_ENDPOINT, *resources) == []) is kept


def test_a_gateway_is_no_interface() -> None:
    (message,) = judged(VPC_CONDITION_HAS_ENDPOINT, *changed(from_vpc(SOUND), "endpoint", vpcEndpointType=LEFT_OUT))
    assert "no interface endpoint" in message


def test_an_endpoint_of_the_stack_may_be_named_beside_the_configured_ones() -> None:
    there = replace(OWN, outputs={"id": ENDPOINT})
    named = policy(allow(Condition={"StringEquals": {"aws:SourceVpce": ENDPOINT}}))
    assert judged(VPC_CONDITION_HAS_ENDPOINT, named, there, endpoints=["vpce-0b"]) == []
    (message,) = judged(VPC_CONDITION_HAS_ENDPOINT, named, OWN, endpoints=["vpce-0b"])
    assert f"names the endpoint {ENDPOINT}, which is neither of this stack nor among the configured ones" in message


def by_endpoint(*vpcs: str) -> Raw:
    """An Allow through an endpoint, and from VPCs."""
    vpc = {"aws:SourceVpc": vpcs} if vpcs else {}
    return allow(
        Principal={"AWS": "arn:aws:iam::123456789012:role/x"},
        Condition={"StringEquals": {"aws:SourceVpce": ENDPOINT, **vpc}},
    )


@pytest.mark.parametrize(
    ("change", "vpcs", "says"),
    [
        ({}, (), ""),
        ({}, (VPC,), ""),
        ({"serviceName": "com.amazonaws.us-east-1.s3"}, (), "which is no interface endpoint for SQS"),
        ({"vpcEndpointType": "Gateway"}, (), "which is no interface endpoint for SQS"),
        ({"privateDnsEnabled": False}, (), "set its privateDnsEnabled to true"),
        ({"vpcId": "vpc-0fffffff"}, (VPC,), f"which is in vpc-0fffffff, and asks for requests from {VPC}"),
    ],
)
def test_an_endpoint_of_the_stack_that_is_named_by_its_id_is_judged(
    change: Raw, vpcs: tuple[str, ...], says: str
) -> None:
    (own,) = changed((replace(OWN, outputs={"id": ENDPOINT}),), "endpoint", **change)
    told = "\n".join(judged(VPC_CONDITION_HAS_ENDPOINT, policy(by_endpoint(*vpcs)), own))
    assert bool(told) is bool(says)
    assert says in told


def test_an_endpoint_whose_vpc_is_not_known_yet_leaves_the_condition_in_doubt() -> None:
    outcome = PackUnderTest([VPC_CONDITION_HAS_ENDPOINT.as_policy()]).preview(
        changed(from_vpc(SOUND), "endpoint", vpcId=UNKNOWN)
    )
    assert outcome.violations == ()
    assert "vpcId" in outcome.undecided[0].message


def test_private_dns_that_is_left_out_is_off_though_the_provider_says_so_only_later() -> None:
    later = replace(OWN, outputs={"privateDnsEnabled": UNKNOWN})
    resources = (later, *from_vpc(SOUND)[1:])
    off = changed(resources, "endpoint", privateDnsEnabled=LEFT_OUT)
    (message,) = judged(VPC_CONDITION_HAS_ENDPOINT, *off)
    assert "set its privateDnsEnabled to true" in message


def apart(policy_document: str, **more: object) -> Declared:
    """The endpoint's policy as a resource of its own."""
    return Declared(
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
        "x-endpoint-policy",
        {"vpcEndpointId": UNKNOWN, "policy": policy_document, **more},
        sources={"vpcEndpointId": ["x-endpoint"]},
    )


def test_a_policy_as_a_resource_of_its_own_counts_and_is_read() -> None:
    (bare,) = changed((OWN,), "endpoint", policy=LEFT_OUT)
    assert judged(ENDPOINT_HAS_POLICY, bare, apart(str(OWN.properties["policy"]))) == []
    (message,) = judged(ENDPOINT_HAS_POLICY, bare, apart(ANYTHING))
    assert "lets requests through to anybody's resources" in message


def test_the_policy_that_aws_gives_an_endpoint_is_none_at_the_preview_and_too_wide_afterwards() -> None:
    (bare,) = changed((OWN,), "endpoint", policy=LEFT_OUT)
    (message,) = judged(ENDPOINT_HAS_POLICY, replace(bare, outputs={"policy": UNKNOWN}))
    assert "the endpoint has no policy" in message
    (message,) = judged(ENDPOINT_HAS_POLICY, replace(bare, outputs={"policy": ANYTHING}))
    assert "lets requests through to anybody's resources in statement 1" in message


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"Action": "sqs:*"}, False),
        ({"Action": ["sqs:SendMessage", "*"]}, False),
        ({"Action": LEFT_OUT, "NotAction": "sqs:PurgeQueue"}, False),
        ({"Resource": LEFT_OUT, "NotResource": "arn:aws:sqs:us-east-1:1:x", "Action": "*"}, False),
        ({"Effect": "Deny"}, True),
        ({"Action": "sqs:SendMessage"}, False),
        ({"Resource": "arn:aws:sqs:us-east-1:123456789012:jobs"}, True),
    ],
)
def test_what_reaches_anybodys_resources_is_told(
    change: Raw,
    kept: bool,  # noqa: FBT001 - an expectation
) -> None:
    whole = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **change}
    written = json.dumps({"Statement": {name: value for name, value in whole.items() if value is not LEFT_OUT}})
    assert (judged(ENDPOINT_HAS_POLICY, *changed((OWN,), "endpoint", policy=written)) == []) is kept


def test_a_policy_that_cannot_be_read_is_told() -> None:
    (message,) = judged(ENDPOINT_HAS_POLICY, *changed((OWN,), "endpoint", policy="{"))
    assert "cannot be read" in message
