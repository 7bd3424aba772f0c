"""Every small way to weaken a stack: a resource, a property, a statement or a condition dropped, changed or added."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from policies.reading.resource_types import METRIC_ALARM, QUEUE, ROLE
from tests.mutation.documents import Json, weakened
from tests.policy_harness.declared import Declared

_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
_POLICY_DOCUMENTS = frozenset({"policy", "assumeRolePolicy"})
_OTHER_DOCUMENTS = frozenset({"redrivePolicy", "redriveAllowPolicy"})
_OTHER_TEXTS: Mapping[str, Sequence[str]] = {
    "comparisonOperator": ("LessThanThreshold", "GreaterThanThreshold"),
    "metricName": ("NumberOfMessagesSent", "ApproximateNumberOfMessagesNotVisible"),
    "namespace": ("AWS/SNS",),
    "statistic": ("Minimum", "Sum"),
    "treatMissingData": ("missing", "ignore", "breaching"),
    "permission": ("allowAll", "denyAll"),
    "policyArn": (_ADMINISTRATOR,),
}
_ADDED: Mapping[str, Mapping[str, object]] = {
    METRIC_ALARM: {"unit": "Bytes", "region": "eu-west-1"},
    QUEUE: {"redriveAllowPolicy": '{"redrivePermission": "allowAll"}', "policy": '{"Statement": []}'},
    ROLE: {"inlinePolicies": [{"name": "more", "policy": _ANYTHING}], "managedPolicyArns": [_ADMINISTRATOR]},
}
"""By type, what a resource might say besides or instead."""


@dataclass(frozen=True)
class Mutant:
    """A stack that differs from the real one in one place.

    Args:
        name: Where and how, as `predictions-queue-policy: DenyPlainText left out`.
        resources: All its resources.
    """

    name: str
    resources: tuple[Declared, ...]


def mutants(resources: Sequence[Declared]) -> Iterator[Mutant]:
    """Every mutant of a stack.

    Args:
        resources: The real one's.
    """
    for place, one in enumerate(resources):
        before, after = tuple(resources[:place]), tuple(resources[place + 1 :])
        yield Mutant(f"{one.name} left out", tuple(_cut_off(other, one.name) for other in before + after))
        for words, changed in _mutated(one):
            yield Mutant(f"{one.name}: {words}", (*before, changed, *after))


def _cut_off(one: Declared, gone: str) -> Declared:
    """The same resource where nothing comes from another one any more."""
    left = {name: [other for other in sources if other != gone] for name, sources in one.sources.items()}
    return replace(one, sources={name: sources for name, sources in left.items() if sources})


def _mutated(one: Declared) -> Iterator[tuple[str, Declared]]:
    for name, value in one.properties.items():
        left_out = {other: given for other, given in one.properties.items() if other != name}
        sources = {other: given for other, given in one.sources.items() if other != name}
        yield f"{name} left out", replace(one, properties=left_out, sources=sources)
        for words, changed in _other_values(name, value):
            yield f"{name} {words}", replace(one, properties={**one.properties, name: changed})
    for name, value in _ADDED.get(one.type_token, {}).items():
        yield f"another {name} given", replace(one, properties={**one.properties, name: value})
    if one.protect:
        yield "protect left out", replace(one, protect=False)


def _other_values(name: str, value: object) -> Iterator[tuple[str, object]]:
    if name in _POLICY_DOCUMENTS:
        for words, document in weakened(cast("Json", json.loads(str(value)))):
            yield words, json.dumps(document)
    elif name in _OTHER_DOCUMENTS:
        for words, other in _other_maps(json.loads(str(value))):
            yield words, json.dumps(other)
    elif name == "dimensions":
        named = cast("Json", value)
        yield from _other_maps(named)
        yield "with another one", {**named, "Region": "us-east-1"}
    elif isinstance(value, str):
        for text in (*_OTHER_TEXTS.get(name, ()), *([f"other-{value}"] if name == "name" else [])):
            yield f"= {text}", text
    else:
        yield from _other_plain_values(value)


def _other_plain_values(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, bool):
        yield "turned round", not value
    elif isinstance(value, int | float):
        for other in {0, 1, value * 2, value * 1000} - {value}:
            yield f"= {other:g}", other
    elif isinstance(value, Mapping):
        yield from _other_maps(value)
    elif isinstance(value, Sequence):
        yield "emptied", []


def _other_maps(value: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, member in value.items():
        yield f"without {key}", {other: given for other, given in value.items() if other != key}
        yield f"with another {key}", {**value, key: _another(key, member)}


def _another(key: str, member: object) -> object:
    if isinstance(member, bool | int | float):
        return 1000
    if isinstance(member, str):
        return "allowAll" if key == "redrivePermission" else f"{member}-other"
    return [f"{one}-other" for one in cast("Sequence[object]", member)]
