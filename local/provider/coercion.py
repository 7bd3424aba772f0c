"""Reading a program's value as its property's kind, as leniently as the official provider does.

A number or a boolean may come as text and the other way round, and a document as an object.
"""

import json
import re
from collections.abc import Callable, Mapping

from local.provider.properties import UNKNOWN, Value
from local.provider.resource import Kind
from local.provider.values import has_unknown


class Mistyped(ValueError):  # noqa: N818 - it names the value's fault, as ValueError does
    """A value is not of its property's kind; the message says what it is instead."""


def coerce(kind: Kind, value: Value) -> Value:
    """Read a value as a kind.

    Args:
        kind: The property's kind.
        value: What the program gives.

    Returns:
        The value in the kind's own form; unknown parts stay unknown.

    Raises:
        Mistyped: It cannot be read so.
    """
    return value if value is UNKNOWN else _READERS[kind](value)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Mistyped(f"{value!r} is not a string")


def _number(value: Value) -> int | float:
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise Mistyped(f"{value!r} is not a number")


def _whole(value: Value) -> int:
    number = _number(value)
    if not float(number).is_integer():
        raise Mistyped(f"{value!r} is not a whole number")
    return int(number)


def _flag(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise Mistyped(f"{value!r} is neither true nor false")


def _texts(value: Value) -> Value:
    if not isinstance(value, list):
        raise Mistyped(f"{value!r} is not a list of strings")
    return [item if item is UNKNOWN else _text(item) for item in value]


def _text_map(value: Value) -> Value:
    if not isinstance(value, dict):
        raise Mistyped(f"{value!r} is not a map of strings")
    return {key: item if item is UNKNOWN else _text(item) for key, item in value.items() if item is not None}


def _document(value: Value) -> Value:
    if isinstance(value, dict | list):
        return UNKNOWN if has_unknown(value) else json.dumps(value, sort_keys=True, separators=(",", ":"))
    return _text(value)


_READERS: Mapping[Kind, Callable[[Value], Value]] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.TEXTS: _texts,
    Kind.TEXT_MAP: _text_map,
    Kind.DOCUMENT: _document,
}
