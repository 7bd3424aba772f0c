"""aws:ec2/vpcEndpoint:VpcEndpoint. Its id is EC2's own, `vpce-…`.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/ec2/vpcendpoint/ and the schema of hashicorp/aws's
aws_vpc_endpoint. AWS gives an endpoint's policy, security groups and private DNS back, the emulator does not: what an
answer leaves out stays as it was stated.
"""

from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from local.provider import tags
from local.provider.clients import Session
from local.provider.documents import same_policy
from local.provider.errors import code_of
from local.provider.properties import Value, Values
from local.provider.resource import REGION, TAGS, TAGS_ALL, Kind, Place, Property, ResourceType
from local.provider.rules import json_object, matching, one_of
from local.provider.values import flag, text, text_map, texts

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import (
        CreateVpcEndpointRequestTypeDef,
        ModifyVpcEndpointRequestTypeDef,
        VpcEndpointTypeDef,
    )

_GONE = "InvalidVpcEndpointId.NotFound"
_DELETED = frozenset({"deleted", "deleting", "failed", "rejected", "expired"})
_LISTS = {"routeTableIds": "RouteTableIds", "securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"}
_TEXTS = {"ipAddressType": "IpAddressType", "policy": "PolicyDocument"}
_NOT_GIVEN_BACK = ("policy", "privateDnsEnabled", "securityGroupIds")
"""What the emulator takes and does not give back."""

_NESTED = "it is a list of objects, which the local stack has no use for"

PROPERTIES = {
    "arn": Property(kind=Kind.TEXT, doc="ARN of the endpoint.", output=True),
    "autoAccept": Property(kind=Kind.FLAG, doc="Accept the endpoint, if the service is one's own.", remembered=True),
    "ipAddressType": Property(kind=Kind.TEXT, doc="ipv4, dualstack or ipv6.", computed=True),
    "ownerId": Property(kind=Kind.TEXT, doc="Account that owns the endpoint.", output=True),
    "policy": Property(
        kind=Kind.DOCUMENT,
        doc="What may be done through it; by default everything.",
        computed=True,
        rules=(json_object,),
        same=same_policy,
    ),
    "privateDnsEnabled": Property(
        kind=Kind.FLAG, doc="Whether the service's ordinary name leads to it within the VPC.", computed=True
    ),
    "region": REGION,
    "routeTableIds": Property(kind=Kind.TEXTS, doc="Route tables of a Gateway endpoint.", computed=True),
    "securityGroupIds": Property(kind=Kind.TEXTS, doc="Security groups of an Interface endpoint.", computed=True),
    "serviceName": Property(
        kind=Kind.TEXT,
        doc="Service that it leads to, as com.amazonaws.us-east-1.sqs.",
        required=True,
        replaces=True,
    ),
    "state": Property(kind=Kind.TEXT, doc="State of the endpoint.", output=True),
    "subnetIds": Property(kind=Kind.TEXTS, doc="Subnets of an Interface endpoint.", computed=True),
    "tags": TAGS,
    "tagsAll": TAGS_ALL,
    "vpcEndpointType": Property(
        kind=Kind.TEXT,
        doc="Gateway, Interface or GatewayLoadBalancer.",
        default="Gateway",
        replaces=True,
        rules=(one_of(("Gateway", "GatewayLoadBalancer", "Interface")),),
    ),
    "vpcId": Property(
        kind=Kind.TEXT,
        doc="VPC that it is in.",
        required=True,
        replaces=True,
        rules=(matching(r"vpc-[0-9a-f]+", "a VPC's id has the form vpc-…"),),
    ),
}


class VpcEndpointOperations:
    """The calls of an endpoint: Create-, Describe-, Modify- and DeleteVpcEndpoint(s), CreateTags, DeleteTags."""

    def create(self, session: Session, inputs: Values) -> str:
        """Create the endpoint with its tags in one call; gives its id."""
        request: dict[str, object] = {
            "VpcId": text(inputs, "vpcId"),
            "ServiceName": text(inputs, "serviceName"),
            "VpcEndpointType": text(inputs, "vpcEndpointType"),
            "PrivateDnsEnabled": flag(inputs, "privateDnsEnabled"),
            **{theirs: texts(inputs, ours) for ours, theirs in _LISTS.items() if inputs.get(ours)},
            **{theirs: text(inputs, ours) for ours, theirs in _TEXTS.items() if inputs.get(ours)},
        }
        if labels := tags.as_list(text_map(inputs, "tagsAll")):
            request["TagSpecifications"] = [{"ResourceType": "vpc-endpoint", "Tags": labels}]
        made = session.ec2.create_vpc_endpoint(**cast("CreateVpcEndpointRequestTypeDef", request))
        return str(made["VpcEndpoint"].get("VpcEndpointId", ""))

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the endpoint; None if it is gone."""
        try:
            found = session.ec2.describe_vpc_endpoints(VpcEndpointIds=[identity])["VpcEndpoints"]
        except ClientError as error:
            if code_of(error) == _GONE:
                return None
            raise
        if not found or found[0].get("State", "").lower() in _DELETED:
            return None
        stated = {name: known[name] for name in _NOT_GIVEN_BACK if name in known}
        return {**stated, **_read(found[0], session.region)}

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Modify what differs in one call, then the tags."""
        ec2 = session.ec2
        if changed - {"tags", "tagsAll"}:
            request: dict[str, object] = {
                "VpcEndpointId": identity,
                **{f"Add{theirs}": _added(ours, old, new) for ours, theirs in _LISTS.items() if ours in changed},
                **{f"Remove{theirs}": _added(ours, new, old) for ours, theirs in _LISTS.items() if ours in changed},
                **{theirs: text(new, ours) for ours, theirs in _TEXTS.items() if ours in changed},
            }
            if "privateDnsEnabled" in changed:
                request["PrivateDnsEnabled"] = flag(new, "privateDnsEnabled")
            ec2.modify_vpc_endpoint(**cast("ModifyVpcEndpointRequestTypeDef", request))
        if "tagsAll" in changed:
            added, removed = tags.change(text_map(old, "tagsAll"), text_map(new, "tagsAll"))
            if removed:
                ec2.delete_tags(Resources=[identity], Tags=[{"Key": key} for key in removed])
            if added:
                ec2.create_tags(
                    Resources=[identity], Tags=[{"Key": key, "Value": value} for key, value in added.items()]
                )

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Delete the endpoint."""
        del old
        try:
            session.ec2.delete_vpc_endpoints(VpcEndpointIds=[identity])
        except ClientError as error:
            if code_of(error) != _GONE:
                raise

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Give none: EC2 makes the id up."""
        del inputs, place
        return None


def _added(name: str, before: Values, after: Values) -> list[str]:
    return [one for one in texts(after, name) if one not in texts(before, name)]


def _read(endpoint: "VpcEndpointTypeDef", region: str) -> dict[str, Value]:
    owner, identity = endpoint.get("OwnerId", ""), endpoint.get("VpcEndpointId", "")
    read: dict[str, Value] = {
        "arn": f"arn:aws:ec2:{region}:{owner}:vpc-endpoint/{identity}",
        "ipAddressType": endpoint.get("IpAddressType"),
        "ownerId": owner,
        "policy": endpoint.get("PolicyDocument"),
        "privateDnsEnabled": endpoint.get("PrivateDnsEnabled"),
        "routeTableIds": [*endpoint.get("RouteTableIds", [])],
        "serviceName": endpoint.get("ServiceName"),
        "state": endpoint.get("State"),
        "subnetIds": [*endpoint.get("SubnetIds", [])],
        "tagsAll": {tag["Key"]: tag["Value"] for tag in endpoint.get("Tags", []) if "Key" in tag and "Value" in tag},
        "vpcEndpointType": endpoint.get("VpcEndpointType"),
        "vpcId": endpoint.get("VpcId"),
    }
    if endpoint.get("Groups"):
        read["securityGroupIds"] = [group.get("GroupId") for group in endpoint["Groups"]]
    return {name: value for name, value in read.items() if value is not None}


VPC_ENDPOINT = ResourceType(
    token="aws:ec2/vpcEndpoint:VpcEndpoint",  # noqa: S106 - a type token is no secret
    doc="A VPC endpoint. Imported by its id.",
    properties=PROPERTIES,
    operations=VpcEndpointOperations(),
    unserved={
        "dnsOptions": _NESTED,
        "subnetConfigurations": _NESTED,
        "resourceConfigurationArn": "the local stack has no VPC Lattice",
        "serviceNetworkArn": "the local stack has no VPC Lattice",
        "serviceRegion": "the local stack is in one region",
    },
)
