"""Statements near a request, for each kind of policy that they stand in."""

from dataclasses import dataclass
from random import Random
from typing import Final

from tests.access.differential.case import Caller, Document, Kind, Part, Statement, document
from tests.access.differential.generation import near, vocabulary
from tests.access.differential.generation.conditions import conditions
from tests.access.differential.generation.requests import Drawn
from tests.access.differential.generation.vocabulary import ACCOUNT, OTHER_ACCOUNT
from tests.access.differential.rewriting import escaped

RESOURCES = (vocabulary.QUEUE, vocabulary.DEAD_LETTERS, vocabulary.OBJECT)
ACTIONS = (*vocabulary.QUEUE_ACTIONS, *vocabulary.OWNERS_ALONE, *vocabulary.OBJECT_ACTIONS)

NAMING: Final = frozenset({Part.RESOURCE, Part.ENDPOINT, Part.RESOURCE_CONTROL})
"""The policies whose statements have a Principal."""


@dataclass(frozen=True)
class Habits:
    """How often statements have what.

    Args:
        deny: A Deny.
        negation: NotAction, NotResource or NotPrincipal in place of the plain element.
        near: An element that is drawn near the request, so that it often meets it; all others meet it always.
        condition: A condition.
    """

    deny: float = 0.3
    negation: float = 0.12
    near: float = 0.35
    condition: float = 0.6


def policy(part: Part, drawn: Drawn, habits: Habits, rng: Random, *, most: int = 3) -> Document:
    """A document of one statement or more."""
    return document(
        *({"Sid": f"S{number}", **statement(part, drawn, habits, rng)} for number in range(rng.randint(1, most)))
    )


def statement(part: Part, drawn: Drawn, habits: Habits, rng: Random) -> Statement:
    """One statement."""
    if part is Part.RESOURCE_CONTROL:
        return _resource_control(drawn, habits, rng)
    denies = rng.random() < habits.deny
    made: dict[str, object] = {"Effect": "Deny" if denies else "Allow"}
    if part in NAMING:
        made |= _principals(part, drawn.caller, habits, rng, denies=denies)
    made |= _element("Action", _actions(part, drawn, habits, rng), habits, rng)
    made |= _element("Resource", _resources(drawn, habits, rng), habits, rng)
    if rng.random() < habits.condition:
        made["Condition"] = conditions(drawn, rng)
    return made


def _resource_control(drawn: Drawn, habits: Habits, rng: Random) -> Statement:
    """Organizations takes nothing there but a Deny to everybody, of the actions of named services."""
    service = drawn.action.split(":")[0]
    made: dict[str, object] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": rng.choice((drawn.action, f"{service}:*", rng.choice(ACTIONS))),
        "Resource": _perhaps_single(_resources(drawn, habits, rng), rng),
    }
    return {**made, "Condition": conditions(drawn, rng)}


def _element(name: str, values: list[str], habits: Habits, rng: Random) -> dict[str, object]:
    negated = rng.random() < habits.negation and "*" not in values
    return {f"Not{name}" if negated else name: _perhaps_single(values, rng)}


def _perhaps_single(values: list[str], rng: Random) -> object:
    return values[0] if len(values) == 1 and rng.random() < 0.5 else values


def _actions(part: Part, drawn: Drawn, habits: Habits, rng: Random) -> list[str]:
    """Actions; in a resource's policy of its own service only, as SQS demands it."""
    service, name = drawn.action.split(":")
    others = [action for action in ACTIONS if part is not Part.RESOURCE or action.startswith(f"{service}:")]
    if rng.random() >= habits.near:
        return [rng.choice((drawn.action, f"{service}:*", "*"))]
    forms = (
        f"{service}:{near.wild(name, rng)}",
        f"{service}:{near.wild(name, rng)}",
        near.swapped(drawn.action, rng),
        rng.choice(others),
    )
    return rng.sample(forms, rng.randint(1, 2))


def _resources(drawn: Drawn, habits: Habits, rng: Random) -> list[str]:
    if rng.random() >= habits.near:
        return [rng.choice((drawn.resource, drawn.resource, "*"))]
    *head, name = drawn.resource.split(":", 5)
    forms = (
        ":".join([*head, near.wild(name, rng)]),
        ":".join([*head, near.wild(name, rng)]),
        ":".join([*head, near.variable(rng.choice((name, name.split("/")[0])), drawn.context, rng)]),
        ":".join([*head, near.swapped(name, rng)]),
        ":".join([*head, escaped(name)]),
        ":".join([*head[:3], *(near.wild(part, rng) if part else part for part in head[3:]), name]),
        _spanning([*head, name], rng),
        rng.choice(RESOURCES),
    )
    return rng.sample(forms, rng.randint(1, 2))


def _spanning(parts: list[str], rng: Random) -> str:
    """An ARN in which one `*` stands for several parts of six."""
    first = rng.randint(3, 4)
    last = rng.randint(first + 1, len(parts))
    start, end = parts[first][:1], parts[last - 1][-1:]
    return ":".join([*parts[:first], rng.choice(("*", f"{start}*", f"{start}*{end}", "x*")), *parts[last:]])


def _principals(part: Part, caller: Caller, habits: Habits, rng: Random, *, denies: bool) -> dict[str, object]:
    negated = part is Part.RESOURCE and rng.random() < (habits.negation * 2 if denies else habits.negation / 3)
    if negated:
        named = [_near_principal(caller, rng) for _ in range(rng.randint(1, 3))]
        return {"NotPrincipal": _written([one for one in named if one != ("AWS", "*")] or [_stranger(rng)], rng)}
    if rng.random() < (0.6 if part is Part.ENDPOINT else 0.2):
        return {"Principal": rng.choice(("*", {"AWS": "*"}))}
    return {"Principal": _written([_near_principal(caller, rng) for _ in range(rng.randint(1, 2))], rng)}


def _near_principal(caller: Caller, rng: Random) -> tuple[str, str]:
    """Somebody to name, the caller in one of its forms more often than not."""
    if rng.random() < 0.3:
        return _stranger(rng)
    if caller.kind is Kind.ANONYMOUS:
        return "AWS", "*"
    if caller.kind is Kind.SERVICE:
        return "Service", caller.arn
    of_account = (caller.account, f"arn:aws:iam::{caller.account}:root")
    forms = (caller.arn, caller.issuer_arn or caller.arn, caller.issuer_arn or caller.arn, rng.choice(of_account), "*")
    return "AWS", rng.choice(forms)


def _stranger(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.15:
        return "Service", rng.choice(vocabulary.SERVICES).arn
    one = rng.choice((*vocabulary.SESSIONS, *vocabulary.USERS))
    return "AWS", rng.choice((one.arn, one.issuer_arn or one.arn, ACCOUNT, OTHER_ACCOUNT))


def _written(named: list[tuple[str, str]], rng: Random) -> object:
    kinds: dict[str, list[str]] = {}
    for kind, one in named:
        kinds.setdefault(kind, []).append(one)
    return {kind: _perhaps_single(list(dict.fromkeys(ones)), rng) for kind, ones in kinds.items()}
