import json

import pytest

from local.provider.properties import UNKNOWN, Value
from tests.local.provider.plugin import Plugin

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
SQS = "com.amazonaws.us-east-1.sqs"
GIVEN: dict[str, Value] = {
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "serviceName": SQS,
    "vpcEndpointType": "Interface",
    "privateDnsEnabled": True,
    "securityGroupIds": ["sg-0a"],
    "subnetIds": ["subnet-0a"],
    "policy": json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}),
    "tags": {"team": "x"},
}


def test_the_whole_life(root: Plugin) -> None:
    inputs = root.check(ENDPOINT, GIVEN)
    made = root.create(ENDPOINT, inputs)
    assert made.id.startswith("vpce-")
    assert {name: made.outputs[name] for name in GIVEN} == GIVEN
    assert made.outputs["arn"] == f"arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/{made.id}"
    assert made.outputs["state"] == "available"
    assert not root.diff(ENDPOINT, made.id, made.outputs, inputs).diffs
    assert root.read(ENDPOINT, made.id, inputs, made.outputs)[1:] == (made.outputs, inputs)

    imported = root.read(ENDPOINT, made.id).inputs
    assert (imported["vpcId"], imported["serviceName"]) == (GIVEN["vpcId"], SQS)

    changed = root.change(
        ENDPOINT, made, {**GIVEN, "subnetIds": ["subnet-0b"], "privateDnsEnabled": False, "tags": {"team": "y"}}
    )
    assert changed["subnetIds"] == ["subnet-0b"]
    assert changed["tagsAll"] == {"team": "y"}
    assert changed["privateDnsEnabled"] is False

    root.delete(ENDPOINT, made.id)
    assert root.read(ENDPOINT, made.id, inputs, made.outputs).id == ""
    root.delete(ENDPOINT, made.id)


@pytest.mark.parametrize(
    "change",
    [{"vpcId": "vpc-0ffffffffffffffff"}, {"serviceName": f"{SQS}-fips"}, {"vpcEndpointType": "GatewayLoadBalancer"}],
)
def test_another_place_service_or_type_replaces(root: Plugin, change: dict[str, str]) -> None:
    old, new = root.check(ENDPOINT, GIVEN), root.check(ENDPOINT, {**GIVEN, **change})
    found = root.diff(ENDPOINT, "vpce-0a", old, new)
    assert list(found.replaces) == list(change)
    assert not found.deleteBeforeReplace


def test_what_is_left_out_is_a_gateway_and_aws_decides_the_rest(root: Plugin) -> None:
    inputs = root.check(ENDPOINT, {"vpcId": GIVEN["vpcId"], "serviceName": SQS})
    foretold = root.create(ENDPOINT, inputs, preview=True).outputs
    assert foretold["vpcEndpointType"] == "Gateway"
    assert foretold["policy"] is foretold["arn"] is foretold["privateDnsEnabled"] is UNKNOWN


def test_what_cannot_be_is_refused(root: Plugin) -> None:
    failures = root.failures(
        ENDPOINT, {**GIVEN, "vpcId": "my-vpc", "vpcEndpointType": "Door", "policy": "[]", "dnsOptions": {}}
    )
    assert set(failures) == {"vpcId", "vpcEndpointType", "policy", "dnsOptions"}
