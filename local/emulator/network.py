"""The account's network: one VPC, two subnets and an interface endpoint for SQS, under the ids that account.py fixes.

AWS draws ids at random; the stack's settings name them, so here they are fixed. MiniStack's own handlers make the
resources at start, before anything is served.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from ministack.core.responses import request_scope
from ministack.services import ec2

from local.emulator import account, internals
from local.emulator.seams import SeamError


@contextmanager
def _drawing(name: str, identifier: str) -> Iterator[None]:
    with patch.object(ec2, name, lambda: identifier):
        yield


def create() -> None:
    """Creates the network in the local account, if it has none.

    Raises:
        SeamError: The installed MiniStack keeps its network otherwise than this was written against.
    """
    try:
        with request_scope(account.ACCOUNT_ID, account.REGION):
            if account.VPC_ENDPOINT_ID not in internals.vpc_endpoints:
                _create()
    except (AttributeError, KeyError, TypeError) as error:
        raise SeamError(
            f"the installed MiniStack does not make a VPC as this layer was written for ({error!r}); install "
            f"local/emulator/requirements.txt, or adapt local/emulator/network.py"
        ) from error


def _create() -> None:
    with _drawing("_new_vpc_id", account.VPC_ID):
        internals.create_vpc({"CidrBlock": [account.VPC_CIDR]})
    zones = (f"{account.REGION}{letter}" for letter in "ab")
    for (subnet, cidr), zone in zip(account.SUBNETS.items(), zones, strict=True):
        with _drawing("_new_subnet_id", subnet):
            internals.create_subnet({"VpcId": [account.VPC_ID], "CidrBlock": [cidr], "AvailabilityZone": [zone]})
    before = set(internals.vpc_endpoints)
    internals.create_vpc_endpoint(
        {
            "VpcId": [account.VPC_ID],
            "ServiceName": [f"com.amazonaws.{account.REGION}.sqs"],
            "VpcEndpointType": ["Interface"],
            **{f"SubnetId.{number}": [subnet] for number, subnet in enumerate(account.SUBNETS, 1)},
        }
    )
    endpoints = internals.vpc_endpoints
    (drawn,) = set(endpoints) - before
    endpoints[account.VPC_ENDPOINT_ID] = {**endpoints.pop(drawn), "VpcEndpointId": account.VPC_ENDPOINT_ID}
