"""Conditions near a request: every operator, with and without IfExists and the set prefixes, on keys of its type."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from tests.access.differential.generation import near
from tests.access.differential.generation.near import Context
from tests.access.differential.generation.requests import Drawn
from tests.access.differential.generation.vocabulary import ALL_KEYS, Type

_EQUALITY = ("Equals", "NotEquals")
_ORDER = (*_EQUALITY, "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_TEXT: Final = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
)
_ARN: Final = ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike")
OPERATORS: Final = {
    Type.TEXT: _TEXT,
    Type.ARN: (*_ARN, *_ARN, *_TEXT[:4]),
    Type.FLAG: ("Bool", "Bool", "Bool", "StringEquals"),
    Type.NUMBER: tuple(f"Numeric{name}" for name in _ORDER),
    Type.DATE: tuple(f"Date{name}" for name in _ORDER),
    Type.ADDRESS: ("IpAddress", "NotIpAddress"),
}
BINARY_KEY: Final = "aws:SourceIdentity"
"""No global key is binary; this one holds base64 here."""
MEASURED: Final[Mapping[Type, Callable[[str, Random], str]]] = {
    Type.FLAG: near.flag,
    Type.NUMBER: near.number,
    Type.DATE: near.date,
    Type.ADDRESS: near.address,
}

Conditions = dict[str, dict[str, list[str]]]


def conditions(drawn: Drawn, rng: Random, *, most: int = 2) -> Conditions:
    """One condition or more, all near the request."""
    block: Conditions = {}
    for _ in range(rng.randint(1, most)):
        operator, key, values = condition(drawn, rng)
        block.setdefault(operator, {})[key] = values
    return block


def condition(drawn: Drawn, rng: Random) -> tuple[str, str, list[str]]:
    """One operator, key and its values."""
    name = _key(drawn, rng)
    written = name.lower() if rng.random() < 0.1 else name
    if rng.random() < 0.12:
        return "Null", written, [rng.choice(("true", "false"))]
    key, operator = ALL_KEYS[name], _operator(name, rng)
    values = [_value(operator, name, drawn.context, rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    prefix = rng.choice(("ForAllValues:", "ForAnyValue:")) if rng.random() < (0.8 if key.several else 0.1) else ""
    if_exists = "IfExists" if rng.random() < 0.2 else ""
    return f"{prefix}{operator}{if_exists}", written, values


def _operator(name: str, rng: Random) -> str:
    if name == BINARY_KEY and rng.random() < 0.4:
        return "BinaryEquals"
    return rng.choice(OPERATORS[ALL_KEYS[name].type])


def _key(drawn: Drawn, rng: Random) -> str:
    """A key that the request has, one that it has not, or one of some type, so that rare types are drawn too."""
    of_type = rng.choice(tuple(Type))
    present = sorted(drawn.context.keys() & drawn.keys.keys())
    absent = sorted(drawn.keys.keys() - drawn.context.keys())
    typed = [name for name, key in drawn.keys.items() if key.type is of_type] or present
    [pool] = rng.choices((present, absent, typed), (5, 2, 3))
    return rng.choice(pool)


def _value(operator: str, name: str, context: Context, rng: Random) -> str:
    key = ALL_KEYS[name]
    held = rng.choice(context.get(name, key.values))
    if operator == "BinaryEquals":
        return near.binary(held, rng)
    if operator.startswith("Arn"):
        return near.arn(held, key.values, context, rng)
    if key.type in MEASURED:
        return MEASURED[key.type](held, rng)
    return near.text(held, key.values, context, rng)
