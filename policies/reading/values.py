"""Plain values out of what the engine gives: numbers come as floats, lists and maps as proxies, documents as text."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite

from policies.reading.doubt import UndecidableError
from policies.rule import Resource


class NotJsonError(ValueError):
    """A text that should be JSON is none."""


def whole(resource: Resource, name: str, default: int) -> int:
    """A whole number among a resource's properties.

    Args:
        resource: The resource.
        name: The property.
        default: What the provider sends where the property is left out; nothing that AWS makes up later.

    Raises:
        UnknownValueError: It is not known yet.
        UndecidableError: It is none.
    """
    given = resource.properties.get(name)
    return default if given is None else int(number(given, name))


def number(given: object, *path: str) -> float:
    """A number, given as one or as text.

    Args:
        given: What is there.
        path: Where, for the message.

    Raises:
        UndecidableError: It is none, or has no end.
    """
    try:
        if isfinite(read := float(str(given))):
            return read
    except ValueError:
        pass
    raise UndecidableError("is no number", *path)


def members(value: object) -> Sequence[object]:
    """The members of a list; none, where it is none."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def fields(value: object) -> Mapping[str, object]:
    """The fields of a JSON object, given as such or as text; none, where it is none."""
    if isinstance(value, str):
        try:
            value = from_json(value)
        except NotJsonError:
            return {}
    return value if isinstance(value, Mapping) else {}


def from_json(text: str) -> object:
    """What a JSON text says.

    Raises:
        NotJsonError: It is none, or nested too deeply, or has a number of thousands of digits.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotJsonError from None
