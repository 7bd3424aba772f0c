"""Where a request comes from, and whose it is: the condition keys that MiniStack lacks or gives otherwise than AWS.

Two listeners stand for two ways into AWS: the public endpoint, and the VPC's interface endpoint. AWS adds the keys of
the second only to requests that came through it, and then leaves aws:SourceIp out. For tests, a request through the
second may ask to count as come through another VPC's endpoint. Sources: "AWS global condition
context keys" of the IAM user guide
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from ministack.core import iam_evaluator

from local.emulator import account, internals
from local.emulator.seams import wrap

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Endpoint:
    """An interface endpoint that requests come through.

    Args:
        vpc_id: The VPC that it lies in.
        endpoint_id: Its id.
    """

    vpc_id: str
    endpoint_id: str

    @property
    def keys(self) -> Mapping[str, str | None]:
        """What a request through it carries; aws:SourceIp is absent there."""
        return {
            "aws:sourcevpc": self.vpc_id,
            "aws:sourcevpcarn": f"arn:aws:ec2:{account.REGION}:{account.ACCOUNT_ID}:vpc/{self.vpc_id}",
            "aws:sourcevpce": self.endpoint_id,
            "aws:vpceaccount": account.ACCOUNT_ID,
            "aws:vpcsourceip": account.VPC_SOURCE_IP,
            "aws:sourceip": None,
        }


OWN: Final = Endpoint(account.VPC_ID, account.VPC_ENDPOINT_ID)
ANOTHER: Final = Endpoint(account.OTHER_VPC_ID, account.OTHER_VPC_ENDPOINT_ID)

_endpoint: ContextVar[Endpoint | None] = ContextVar("endpoint", default=None)


def pin(headers: Headers, *, through_vpc_endpoint: bool) -> None:
    """Remembers for the current request which way it came.

    Args:
        headers: The request's headers. They can take it out of the VPC, into another one, and never into it.
        through_vpc_endpoint: Whether the listener that took it stands for the VPC's endpoint.
    """
    inside = ANOTHER if _carries(headers, account.VPC_HEADER, account.OTHER) else OWN
    _endpoint.set(inside if through_vpc_endpoint else None)


def endpoint() -> Endpoint | None:
    """Gives the endpoint that the current request came through; None if it came by the public one."""
    return _endpoint.get()


def with_transport(headers: Headers) -> Headers:
    """Says how a request counts as transported: TLS, unless it asks for plain.

    Both listeners speak plain HTTP on the loopback device, where the real endpoints speak TLS.

    Args:
        headers: The request's headers.

    Returns:
        The headers with the one that MiniStack reads aws:SecureTransport from, and no such header of the client's.
    """
    plain = _carries(headers, account.TRANSPORT_HEADER, account.PLAIN)
    kept = [(name, value) for name, value in headers if name.lower() != b"x-forwarded-proto"]
    return [*kept, (b"x-forwarded-proto", b"http" if plain else b"https")]


def _carries(headers: Headers, name: str, value: str) -> bool:
    return any(one.lower() == name.encode() and given == value.encode() for one, given in headers)


def role_arn(session_arn: str) -> str:
    """Gives the ARN of the role behind a session.

    Args:
        session_arn: `arn:aws:sts::<account>:assumed-role/<role>/<session>`.

    Returns:
        The role's ARN, its path included.
    """
    _, partition, _, _, owner, session = session_arn.split(":", 5)
    name = session.split("/")[1]
    stored = internals.roles.get_scoped(owner, None, name)
    return str(stored["Arn"]) if stored else f"arn:{partition}:iam::{owner}:role/{name}"


def _resolving(original: Callable[..., object]) -> Callable[..., object]:
    def resolve(key: str, ctx: iam_evaluator.EvalContext) -> object:
        name = key.lower()
        if name == "aws:principalarn" and ":assumed-role/" in ctx.principal_arn:
            return role_arn(ctx.principal_arn)
        if name == "aws:principalisawsservice":
            return str(ctx.principal_type == "Service").lower()
        if name == "aws:viaawsservice":
            return "false"  # every call is a principal's own, but those of move_tasks.forwarding
        passed = endpoint()
        if passed is not None and name in passed.keys:
            return passed.keys[name]
        return original(key, ctx)

    return resolve


def install() -> None:
    """Makes MiniStack's evaluator resolve these keys as AWS does.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap(iam_evaluator, "_resolve_condition_key", ("key", "ctx"), _resolving)
