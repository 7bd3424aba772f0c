"""Where a request may come from, and the condition keys that AWS gives it then.

Sources: "AWS global condition context keys" of the IAM user guide. The VPC keys exist only on requests through an
interface endpoint, where aws:SourceIp is absent; aws:ViaAWSService is true on what AWS calls on a principal's behalf.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from access.deployed import Deployed, Endpoint
from access.policy import Policy
from access.request import Principal, PrincipalKind
from access.sources.errors import SourceError
from access.sources.settings import Settings

OTHER_VPC, OTHER_ENDPOINT = "vpc-0ffffffffffffffff", "vpce-0ffffffffffffffff"
"""Ids of a form that AWS gives, which belong to nobody here."""
OUTSIDE_ADDRESS = "203.0.113.7"
"""An address of the range that is kept for documentation (RFC 5737)."""
_WITHOUT_AN_ACCOUNT = frozenset({PrincipalKind.SERVICE, PrincipalKind.ANONYMOUS})


@dataclass(frozen=True)
class Origin:
    """One way that a request comes.

    Args:
        label: Short, the same in every environment.
        detail: What it means here.
        keys: The condition keys it gives a request.
        bounds: Policies that must allow the request too: those of the endpoint it passes through.
        like: The label of the origin that it may open no more than; by default its own.
    """

    label: str
    detail: str
    keys: Mapping[str, tuple[str, ...]]
    bounds: tuple[tuple[Policy, ...], ...] = ()
    like: str = ""

    @property
    def held_against(self) -> str:
        """The label of the origin that what is allowed from it is compared with."""
        return self.like or self.label

    def is_open_to(self, principal: Principal) -> bool:
        """Whether such a caller can come this way: AWS calls on behalf of accounts' principals only."""
        return self.keys.get("aws:ViaAWSService") != ("true",) or principal.kind not in _WITHOUT_AN_ACCOUNT


def origins(deployed: Deployed, settings: Settings) -> tuple[Origin, ...]:
    """All ways that matter: the five of every environment, and every other network that a policy names.

    Args:
        deployed: The stack.
        settings: Which VPC and endpoint are its own.

    Raises:
        SourceError: When neither says which they are.
    """
    own = own_endpoint(deployed, settings)
    inside = _through(own)
    bounds = ((own.policy,),) if own.policy else ()
    outside = {"aws:SourceIp": (OUTSIDE_ADDRESS,)}
    return (
        Origin("endpoint", f"through {own.endpoint_id} in {own.vpc_id}, with TLS", _keys(inside), bounds),
        Origin(
            "other vpc",
            "through another VPC's endpoint, with TLS",
            _keys(_through(Endpoint(OTHER_ENDPOINT, OTHER_VPC))),
        ),
        Origin("outside", "from the internet or the console, with TLS", _keys(outside)),
        Origin("plain text", "through the endpoint, without TLS", _keys(inside, tls=False), bounds),
        Origin("on behalf", "by AWS on the principal's behalf, as a redrive does", _keys({}, forwarded=True)),
        *(
            Origin(
                f"named {one.endpoint_id or one.vpc_id}",
                "through a network that a policy names",
                _keys(_through(one)),
                like="other vpc",
            )
            for one in _named_networks(deployed, own)
        ),
    )


def own_endpoint(deployed: Deployed, settings: Settings) -> Endpoint:
    """The endpoint that the settings name, or the stack's own, with the policy that was read of it.

    Raises:
        SourceError: When neither says which it is, and in which VPC.
    """
    named = settings.vpc_endpoint_id
    found = next((one for one in deployed.endpoints if named in {None, one.endpoint_id}), Endpoint(named))
    own = Endpoint(found.endpoint_id, settings.vpc_id or found.vpc_id, found.policy)
    for what, value, key in (("VPC", own.vpc_id, "vpcId"), ("VPC endpoint", own.endpoint_id, "vpcEndpointId")):
        if value is None:
            raise SourceError(
                f"no {what} is known; set {key} in Pulumi.<stack>.yaml, or give --{what.lower().replace(' ', '-')}"
            )
    return own


def _through(endpoint: Endpoint) -> dict[str, tuple[str, ...]]:
    keys = {"aws:SourceVpc": endpoint.vpc_id, "aws:SourceVpce": endpoint.endpoint_id, "aws:VpcSourceIp": "10.0.0.7"}
    return {key: (value,) for key, value in keys.items() if value}


def _keys(
    network: Mapping[str, tuple[str, ...]], *, tls: bool = True, forwarded: bool = False
) -> Mapping[str, tuple[str, ...]]:
    return {
        **network,
        "aws:SecureTransport": (str(tls).lower(),),
        "aws:ViaAWSService": (str(forwarded).lower(),),
    }


def _named_networks(deployed: Deployed, own: Endpoint) -> Iterator[Endpoint]:
    """Endpoints and VPCs that a queue's policy names beside the own ones: who may come through them has to show."""
    named: dict[str, Endpoint] = {}
    for key, value in _condition_values(deployed, ("aws:sourcevpce", "aws:sourcevpc")):
        if key == "aws:sourcevpce" and value != own.endpoint_id:
            named[value] = Endpoint(value, own.vpc_id)
        elif key == "aws:sourcevpc" and value != own.vpc_id:
            named[value] = Endpoint(None, value)
    return iter(named.values())


def _condition_values(deployed: Deployed, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    for queue in deployed.queues:
        for statement in queue.policy.statements if queue.policy else ():
            for condition in statement.conditions:
                if condition.key in keys and condition.operator != "null":
                    yield from ((condition.key, value) for value in condition.values)
