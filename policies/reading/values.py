"""Plain values out of what the engine gives: numbers come as floats, lists and maps as proxies, documents as text."""

import json
from collections.abc import Mapping, Sequence

from policies.rule import Resource


def whole(resource: Resource, name: str, default: int) -> int:
    """A whole number among a resource's properties.

    Args:
        resource: The resource.
        name: The property.
        default: What the provider sends where the property is left out; nothing that AWS makes up later.

    Raises:
        UnknownValueError: It is not known yet.
    """
    given = resource.properties.get(name)
    return default if given is None else int(float(str(given)))


def members(value: object) -> Sequence[object]:
    """The members of a list; none, where it is none."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def fields(value: object) -> Mapping[str, object]:
    """The fields of a JSON object, given as such or as text; none, where it is none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return {}
    return value if isinstance(value, Mapping) else {}
