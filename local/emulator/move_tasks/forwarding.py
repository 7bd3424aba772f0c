"""Calls that AWS makes on a principal's behalf, as a move task's are: with its identity, from no network of its own.

Which condition keys such a call has is AWS's own affair; access/origins.py and components/statements.py rest on the
same as this. Source: "AWS global condition context keys" of the IAM user guide
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-viaawsservice).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from ministack.core import iam_evaluator

from local.emulator.seams import wrap

_NETWORK: Final = ("sourceip", "sourcevpc", "sourcevpcarn", "sourcevpce", "vpceaccount", "vpcsourceip")

KEYS: Final[Mapping[str, str | None]] = dict.fromkeys(f"aws:{name}" for name in _NETWORK) | {
    "aws:viaawsservice": "true",
    "aws:securetransport": "true",
}
"""What such a call carries otherwise than the request that it is made for; None is absent."""

_forwarded: ContextVar[bool] = ContextVar("forwarded", default=False)


@contextmanager
def forwarded() -> Iterator[None]:
    """What is asked within is asked by AWS on the current caller's behalf."""
    token = _forwarded.set(True)
    try:
        yield
    finally:
        _forwarded.reset(token)


def is_forwarded() -> bool:
    """Says whether AWS is asking on the current caller's behalf."""
    return _forwarded.get()


def _resolving(original: Callable[..., object]) -> Callable[..., object]:
    def resolve(key: str, ctx: iam_evaluator.EvalContext) -> object:
        name = key.lower()
        return KEYS[name] if is_forwarded() and name in KEYS else original(key, ctx)

    return resolve


def install() -> None:
    """Makes MiniStack's evaluator resolve these keys so; comes after origin, which gives a request's own.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap(iam_evaluator, "_resolve_condition_key", ("key", "ctx"), _resolving)
