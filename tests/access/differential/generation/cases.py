"""Cases, each from its number alone: the same number is the same case on every machine and in every run."""

from collections.abc import Mapping
from random import Random
from typing import Final

from tests.access.differential.case import Case, Document, Kind, Part, document
from tests.access.differential.generation.requests import Drawn, request
from tests.access.differential.generation.statements import Habits, policy
from tests.access.differential.generation.vocabulary import ACCOUNT

MIXED: Final = Habits()
PLAIN: Final = Habits(deny=0.15, near=0.15, condition=0.25)
"""For policies that bound others: too narrow, and nothing would ever be allowed."""
ELEMENTS: Final = Habits(deny=0.2, negation=0.3, near=0.9, condition=0.0)
GRANTS: Final = Habits(deny=0.05, near=0.1, condition=0.1)
CONDITIONS: Final = Habits(deny=0.0, negation=0.0, near=0.0, condition=1.0)
ALLOW_ALL: Final = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})

Policies = Mapping[Part, tuple[Document, ...]]


def case(number: int) -> Case:
    """The case of this number."""
    rng = Random(number)  # noqa: S311 - to be repeated, not to be secret
    shape = rng.choice((_mixed, _mixed, _mixed, _one_condition, _one_condition, _elements, _grant_and_limits))
    drawn = request(rng)
    policies = {part: documents for part, documents in shape(drawn, rng).items() if documents}
    return Case(f"{number}", drawn.caller, drawn.action, drawn.resource, ACCOUNT, drawn.context, policies)


def _mixed(drawn: Drawn, rng: Random) -> Policies:
    """Policies of every kind at once, as accounts have them."""
    caller, through_endpoint = drawn.caller, "aws:SourceVpce" in drawn.context
    chances = {
        Part.RESOURCE: 0.85,
        Part.BOUNDARY: 0.15 * caller.has_policies,
        Part.SESSION: 0.6 if caller.kind is Kind.FEDERATED else 0.15 * caller.has_session,
        Part.ENDPOINT: 0.25 * through_endpoint,
        Part.SERVICE_CONTROL: 0.12 * caller.has_policies,
        Part.RESOURCE_CONTROL: 0.1,
    }
    own = rng.choice((0, 1, 1, 2)) if caller.has_policies else 0
    drawn_of = {
        part: (policy(part, drawn, MIXED if part is Part.RESOURCE else PLAIN, rng),)
        for part, chance in chances.items()
        if rng.random() < chance
    }
    return {**drawn_of, Part.IDENTITY: tuple(policy(Part.IDENTITY, drawn, MIXED, rng) for _ in range(own))}


def _one_condition(drawn: Drawn, rng: Random) -> Policies:
    """One statement that a condition alone decides."""
    if not drawn.caller.has_policies:
        return {Part.RESOURCE: (policy(Part.RESOURCE, drawn, CONDITIONS, rng, most=1),)}
    from_elsewhere = drawn.caller.account != ACCOUNT
    return {
        Part.IDENTITY: (policy(Part.IDENTITY, drawn, CONDITIONS, rng, most=1),),
        Part.RESOURCE: (ALLOW_ALL,) if from_elsewhere else (),
    }


def _elements(drawn: Drawn, rng: Random) -> Policies:
    """Statements that principal, action and resource alone decide."""
    own = drawn.caller.has_policies and rng.random() < 0.5
    return {
        Part.RESOURCE: (policy(Part.RESOURCE, drawn, ELEMENTS, rng, most=2),),
        Part.IDENTITY: (policy(Part.IDENTITY, drawn, ELEMENTS, rng, most=2),) if own else (),
    }


def _grant_and_limits(drawn: Drawn, rng: Random) -> Policies:
    """A grant of the resource's, or of the caller's own policy, and limits on it that may be too narrow."""
    caller = drawn.caller
    chances = {
        Part.IDENTITY: 0.6 * caller.has_policies,
        Part.BOUNDARY: 0.6 * caller.has_policies,
        Part.SESSION: 0.5 * caller.has_session,
    }
    drawn_of = {
        part: (policy(part, drawn, GRANTS if part is Part.IDENTITY else ELEMENTS, rng, most=2),)
        for part, chance in chances.items()
        if rng.random() < chance
    }
    return {Part.RESOURCE: (policy(Part.RESOURCE, drawn, GRANTS, rng, most=1),), **drawn_of}
