"""Where a request comes from, and whose it is: the condition keys that MiniStack lacks or gives otherwise than AWS.

Two listeners stand for two ways into AWS: the public endpoint, and the VPC's interface endpoint. AWS adds the keys of
the second only to requests that came through it, and then leaves aws:SourceIp out. Sources: "AWS global condition
context keys" of the IAM user guide
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from ministack.core import iam_evaluator

from local.emulator import account, internals
from local.emulator.seams import wrap

Headers = list[tuple[bytes, bytes]]

VPC_KEYS: Final[dict[str, str | None]] = {
    "aws:sourcevpc": account.VPC_ID,
    "aws:sourcevpcarn": f"arn:aws:ec2:{account.REGION}:{account.ACCOUNT_ID}:vpc/{account.VPC_ID}",
    "aws:sourcevpce": account.VPC_ENDPOINT_ID,
    "aws:vpceaccount": account.ACCOUNT_ID,
    "aws:vpcsourceip": account.VPC_SOURCE_IP,
    "aws:sourceip": None,
}
"""What a request through the VPC endpoint carries; aws:SourceIp is absent there."""

_through_vpc_endpoint: ContextVar[bool] = ContextVar("through_vpc_endpoint", default=False)


def pin(*, through_vpc_endpoint: bool) -> None:
    """Remembers for the current request which listener took it.

    Args:
        through_vpc_endpoint: Whether it was the one that stands for the VPC's endpoint.
    """
    _through_vpc_endpoint.set(through_vpc_endpoint)


def is_through_vpc_endpoint() -> bool:
    """Says whether the current request came through the listener that stands for the VPC's endpoint."""
    return _through_vpc_endpoint.get()


def with_transport(headers: Headers) -> Headers:
    """Says how a request counts as transported: TLS, unless it asks for plain.

    Both listeners speak plain HTTP on the loopback device, where the real endpoints speak TLS.

    Args:
        headers: The request's headers.

    Returns:
        The headers with the one that MiniStack reads aws:SecureTransport from, and no such header of the client's.
    """
    plain = any(
        name.lower() == account.TRANSPORT_HEADER.encode() and value == account.PLAIN.encode() for name, value in headers
    )
    kept = [(name, value) for name, value in headers if name.lower() != b"x-forwarded-proto"]
    return [*kept, (b"x-forwarded-proto", b"http" if plain else b"https")]


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
            return "false"  # forward access sessions do not exist here: every call is a principal's own
        if is_through_vpc_endpoint() and name in VPC_KEYS:
            return VPC_KEYS[name]
        return original(key, ctx)

    return resolve


def install() -> None:
    """Makes MiniStack's evaluator resolve these keys as AWS does.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap(iam_evaluator, "_resolve_condition_key", ("key", "ctx"), _resolving)
