"""Requests: a caller, an action, a resource, and the condition keys that AWS would give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.access.differential.case import Caller, Kind
from tests.access.differential.generation import vocabulary
from tests.access.differential.generation.vocabulary import ACCOUNT, ALL_KEYS, KEYS, Key

CALLERS: Final[tuple[tuple[int, tuple[Caller, ...]], ...]] = (
    (8, vocabulary.SESSIONS),
    (3, vocabulary.USERS),
    (1, vocabulary.FEDERATED),
    (1, vocabulary.SERVICES),
    (1, (vocabulary.ANONYMOUS,)),
)
PRESENT = 0.55
"""How often a key that may be there is there."""
MOST_VALUES = 3


@dataclass(frozen=True)
class Drawn:
    """A request, before there are any policies.

    Args:
        caller: Who asks.
        action: For what.
        resource: On what.
        context: With which condition keys.
        keys: The condition keys that policies about it may look at.
    """

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, Key] = field(default_factory=lambda: ALL_KEYS)


def request(rng: Random) -> Drawn:
    """One request."""
    [callers] = rng.choices([group for _, group in CALLERS], [weight for weight, _ in CALLERS])
    caller = rng.choice(callers)
    action, resource = _what(rng)
    keys = caller_keys(caller) | {"aws:ResourceAccount": (ACCOUNT,)} | _other_keys(rng)
    if resource == vocabulary.OBJECT:
        keys.pop("aws:ResourceTag/team", None)  # S3 has it only where a bucket is set so
    return Drawn(caller, action, resource, keys)


def caller_keys(caller: Caller) -> dict[str, tuple[str, ...]]:
    """The keys that AWS fills from the caller.

    Source: IAM user guide, "AWS global condition context keys", "Properties of the principal", and "Variables and tags"
    for the values of aws:userid and aws:PrincipalType.
    """
    match caller.kind:
        case Kind.ANONYMOUS:
            said = {"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}
        case Kind.SERVICE:
            said = {
                "aws:PrincipalIsAWSService": "true",
                "aws:PrincipalServiceName": caller.arn,
                "aws:PrincipalServiceNamesList": caller.arn,
            }
        case _:
            said = {
                "aws:PrincipalAccount": caller.account,
                "aws:PrincipalIsAWSService": "false",
                **_identity_keys(caller),
            }
    return {name: (value,) for name, value in said.items()}


def unique_id(caller: Caller) -> str:
    """The id that IAM gave the user, or the session's role."""
    role = caller.issuer_arn.rsplit("/", 1)[-1]
    return f"AROA{role.upper()}" if caller.kind is Kind.ROLE_SESSION else f"AIDA{caller.name.upper()}"


def _identity_keys(caller: Caller) -> dict[str, str]:
    match caller.kind:
        case Kind.ROLE_SESSION:
            return {
                "aws:PrincipalArn": caller.issuer_arn,
                "aws:PrincipalType": "AssumedRole",
                "aws:userid": f"{unique_id(caller)}:{caller.name}",
            }
        case Kind.USER:
            return {
                "aws:PrincipalArn": caller.arn,
                "aws:PrincipalType": "User",
                "aws:userid": unique_id(caller),
                "aws:username": caller.name,
            }
        case Kind.FEDERATED:
            return {
                "aws:PrincipalArn": caller.arn,
                "aws:PrincipalType": "FederatedUser",
                "aws:userid": f"{caller.account}:{caller.name}",
            }
        case _:
            return {"aws:PrincipalArn": caller.arn, "aws:PrincipalType": "Account", "aws:userid": caller.account}


def _what(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.15:
        return rng.choice(vocabulary.OBJECT_ACTIONS), vocabulary.OBJECT
    actions = vocabulary.OWNERS_ALONE if rng.random() < 0.2 else vocabulary.QUEUE_ACTIONS
    return rng.choice(actions), vocabulary.QUEUE if rng.random() < 0.8 else vocabulary.DEAD_LETTERS


def _other_keys(rng: Random) -> dict[str, tuple[str, ...]]:
    present = [name for name in KEYS if rng.random() < PRESENT]
    return {name: _values(name, rng) for name in present}


def _values(name: str, rng: Random) -> tuple[str, ...]:
    key = KEYS[name]
    if not key.several:
        return (rng.choice(key.values),)
    return tuple(rng.sample(key.values, rng.randint(1, min(MOST_VALUES, len(key.values)))))
