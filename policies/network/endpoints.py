"""The VPC endpoints of a stack: which of them carry requests to SQS, and from which VPC."""

import re
from collections.abc import Iterator

from policies.reading.resource_types import VPC_ENDPOINT
from policies.rule import Resource, Stack

_SQS = re.compile(r"(cn\.)?com\.amazonaws\.[a-z0-9-]+\.sqs(-fips)?")
_INTERFACE = "Interface"
"""An endpoint is a Gateway when nobody says (EC2 API reference, CreateVpcEndpoint)."""


def sqs_endpoints(stack: Stack) -> Iterator[Resource]:
    """The stack's interface endpoints for SQS.

    Raises:
        UnknownValueError: It is not known yet of an endpoint which service it is for.
    """
    return (one for one in stack.of(VPC_ENDPOINT) if is_for_sqs(one))


def is_for_sqs(endpoint: Resource) -> bool:
    """Whether it is an interface endpoint for SQS.

    Raises:
        UnknownValueError: It is not known yet.
    """
    given = endpoint.properties
    return given.get("vpcEndpointType") == _INTERFACE and _SQS.fullmatch(str(given.get("serviceName"))) is not None


def resolves_privately(endpoint: Resource) -> bool:
    """Whether SQS's ordinary name leads to the endpoint within its VPC, as SDKs need it.

    Raises:
        UnknownValueError: It is not known yet.
    """
    return endpoint.given("privateDnsEnabled") is True
