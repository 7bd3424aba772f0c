"""What a remedy gives back: a resource's properties with some of them changed, all others as they came.

Unlike a check, the SDK shows a remedy unknown values as the marks that the engine has for them, and its proxy unwraps
secrets. What a remedy does not change must go back as it came, a secret still a secret, so it is taken from behind the
proxy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from pulumi_policy import Secret
from pulumi_policy.proxy import unknown_checking_proxy

from policies.rule import Properties, Resource
from policies.settings import SettingsT

_BEHIND_PROXY = "__target"

Changes: TypeAlias = Callable[[Resource, SettingsT], Mapping[str, object]]
"""The properties to change, and to what; none where all is well. Sees the resource as a check does."""

Remedy: TypeAlias = Callable[[Resource, SettingsT], Mapping[str, object] | None]


def remedy(changes: Changes[SettingsT]) -> Remedy[SettingsT]:
    """A remedy out of what it changes.

    Args:
        changes: The new values. A map is merged into the one that is there; a secret stays a secret. It lets
            `UnknownValueError` pass, and the engine says that it could not mend.
    """

    def mend(resource: Resource, settings: SettingsT) -> Mapping[str, object] | None:
        raw = _raw(resource.properties)
        as_checked = unknown_checking_proxy({name: _unwrapped(value) for name, value in raw.items()})
        new = changes(replace(resource, properties=as_checked), settings)
        return {**raw, **{name: _merged(raw.get(name), value) for name, value in new.items()}} if new else None

    return mend


def _raw(properties: Properties) -> dict[str, object]:
    """What stands behind the SDK's proxies. Every map has one, but those that the remedy before gave back."""
    while not isinstance(properties, dict):
        properties = properties[_BEHIND_PROXY]  # type: ignore[assignment]  # the proxy's own door to what it hides
    return properties


def _unwrapped(value: object) -> object:
    if isinstance(value, Secret):
        return _unwrapped(value.value)
    if isinstance(value, Mapping):
        return {name: _unwrapped(one) for name, one in value.items()}
    return [_unwrapped(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def _merged(old: object, new: object) -> object:
    if isinstance(old, Secret):
        return Secret(_merged(old.value, new))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        raw = _raw(old)
        return {**raw, **{name: _merged(raw.get(name), value) for name, value in new.items()}}
    return new
