"""Diff: what differs between what is and what the program wants, and whether it takes a replacement.

What is are the outputs, not the old inputs, as in the official provider: after a refresh they are what AWS reports, so
that drift shows, and in an unchanged stack they agree with the inputs.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi.runtime.proto.provider_pb2 import PropertyDiff

from local.provider.check import DEFAULTS
from local.provider.properties import Value, Values
from local.provider.resource import Kind, Property, ResourceType
from local.provider.values import has_unknown, is_empty

_REPLACING = {
    PropertyDiff.ADD: PropertyDiff.ADD_REPLACE,
    PropertyDiff.UPDATE: PropertyDiff.UPDATE_REPLACE,
    PropertyDiff.DELETE: PropertyDiff.DELETE_REPLACE,
}


@dataclass(frozen=True)
class Difference:
    """What a comparison found.

    Args:
        detailed: Kind of change by property path, as `tags.team`.
        changed: Names of the top-level properties that differ.
        replaces: Those among them that take a replacement.
        delete_before_replace: The old resource must go before the new one comes.
    """

    detailed: Mapping[str, PropertyDiff.Kind.ValueType]
    changed: frozenset[str]
    replaces: frozenset[str]
    delete_before_replace: bool


def compare(resource: ResourceType, old: Values, new: Values, ignored: Sequence[str] = ()) -> Difference:
    """Compare what is with what is wanted.

    Args:
        resource: The resource type.
        old: The outputs so far.
        new: Checked inputs.
        ignored: Property paths of the program's `ignoreChanges`.

    Returns:
        The differences.
    """
    detailed: dict[str, PropertyDiff.Kind.ValueType] = {}
    changed: set[str] = set()
    replaces: set[str] = set()
    for name, declared in resource.properties.items():
        leaves = {
            path: kind
            for path, kind in _differences(name, declared, old, new).items()
            if not _is_ignored(path, ignored)
        }
        if not leaves:
            continue
        changed.add(name)
        if declared.replaces:
            replaces.add(name)
            leaves = {path: _REPLACING[kind] for path, kind in leaves.items()}
        detailed.update(leaves)
    return Difference(
        detailed, frozenset(changed), frozenset(replaces), bool(replaces) and _must_go_first(resource, new)
    )


def with_defaults(resource: ResourceType, inputs: Values) -> dict[str, Value]:
    """Fill in the defaults that a check leaves out: false, zero and empty ones.

    Args:
        resource: The resource type.
        inputs: Checked inputs.

    Returns:
        The inputs with a value for every property that has a default.
    """
    given = {name: declared.default for name, declared in resource.properties.items() if declared.default is not None}
    return {**given, **inputs}


def same(declared: Property, one: Value, other: Value) -> bool:
    """Tell whether two values of a property say the same.

    Args:
        declared: The property.
        one: A value.
        other: Another.

    Returns:
        True if there is nothing to change between them.
    """
    if is_empty(one) and is_empty(other):
        return True
    if has_unknown(one) or has_unknown(other):
        return False
    if declared.same and isinstance(one, str) and isinstance(other, str):
        return declared.same(one, other)
    if declared.kind is Kind.TEXTS and isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return one == other


def _must_go_first(resource: ResourceType, new: Values) -> bool:
    """Whether the name is the program's own: a name that is not automatic cannot be had twice (the bridge's rule)."""
    marked = new.get(DEFAULTS)
    automatic = isinstance(marked, list) and "name" in marked
    return resource.delete_before_replace or (resource.naming is not None and "name" in new and not automatic)


def _differences(name: str, declared: Property, old: Values, new: Values) -> dict[str, PropertyDiff.Kind.ValueType]:
    if declared.output or (declared.computed and name not in new) or (declared.idle and declared.idle(new)):
        return {}
    before, after = old.get(name, declared.default), new.get(name, declared.default)
    if same(declared, before, after):
        return {}
    if declared.kind is Kind.TEXT_MAP and isinstance(after, dict | None) and isinstance(before, dict | None):
        was, will = before or {}, after or {}
        return {
            f"{name}{_step(key)}": _kind(was.get(key), will.get(key))
            for key in sorted({*was, *will})
            if was.get(key) != will.get(key) or has_unknown(will.get(key))
        }
    return {name: _kind(before, after)}


def _kind(before: Value, after: Value) -> PropertyDiff.Kind.ValueType:
    if is_empty(before):
        return PropertyDiff.ADD
    return PropertyDiff.DELETE if is_empty(after) else PropertyDiff.UPDATE


def _step(key: str) -> str:
    return f".{key}" if re.fullmatch(r"[A-Za-z_$][\w$]*", key) else f"[{json.dumps(key)}]"


def _is_ignored(path: str, ignored: Sequence[str]) -> bool:
    """Whether a path lies under an ignored one; what is ignored in `tags` is ignored in `tagsAll` too."""
    paths = [*ignored, *(f"tagsAll{path[4:]}" for path in ignored if re.match(r"tags(\W|$)", path))]
    return any(path == other or path.startswith((f"{other}.", f"{other}[")) for other in paths)
