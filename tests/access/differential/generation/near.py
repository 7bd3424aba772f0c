"""Values of a policy that lie near a value of a request: the same, a little off, with wildcards, as a variable.

What is drawn at random hardly ever meets what is asked for; what is drawn near it meets it about half the time, and
when it does not, it fails for one reason only.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from random import Random

from tests.access.differential.generation.vocabulary import ALL_KEYS, KEYS, Type
from tests.access.differential.rewriting import escaped

VARIABLES = tuple(name for name, key in ALL_KEYS.items() if not key.several and key.type is Type.TEXT)
ARN_PARTS = 6
ACCOUNT_PART = 4
Context = Mapping[str, tuple[str, ...]]


def wild(text: str, rng: Random) -> str:
    """The text with a wildcard in it that may be too narrow or too wide."""
    if not text:
        return "*"
    at = rng.randrange(len(text))
    forms = (
        f"{text[:at]}*",
        f"*{text[at:]}",
        f"{text[:at]}?{text[at + 1 :]}",
        f"{text[:at]}*{text[at + 1 :]}",
        f"{text}?",
        f"{text}*",
        "*",
    )
    return rng.choice(forms)


def swapped(text: str, rng: Random) -> str:
    """The text with the case of one letter, or of all, changed."""
    if rng.random() < 0.5 or not text:
        return text.swapcase()
    at = rng.randrange(len(text))
    return text[:at] + text[at].swapcase() + text[at + 1 :]


def text(value: str, others: tuple[str, ...], context: Context, rng: Random) -> str:
    """A text near another: itself, one in its place, with wildcards, escapes, variables, in another case."""
    forms = (
        (5, lambda: value),
        (3, lambda: rng.choice(others)),
        (3, lambda: wild(value, rng)),
        (1, lambda: swapped(value, rng)),
        (1 if escaped(value) == value else 6, lambda: escaped(value)),
        (2, lambda: variable(value, context, rng)),
    )
    weights, makers = zip(*forms, strict=True)
    made: str = rng.choices(makers, weights)[0]()
    return made


def variable(value: str, context: Context, rng: Random) -> str:
    """A policy variable, most often one that the request has; at times with a default, at times within a text."""
    same = [name for name in VARIABLES if context.get(name) == (value,)]
    name = rng.choice(same) if same and rng.random() < 0.6 else rng.choice(VARIABLES)
    if rng.random() < 0.15:
        name = name.lower()
    default = rng.choice((value, value, "nobody")) if rng.random() < 0.4 else None
    written = f"${{{name}}}" if default is None else f"${{{name}, '{default}'}}"
    held = context.get(name, ("",))[0]
    if held and held != value and held in value:
        return value.replace(held, written, 1)
    return written


def arn(value: str, others: tuple[str, ...], context: Context, rng: Random) -> str:
    """An ARN near another: itself, another, with wildcards in one of its parts or across several, with a variable."""
    parts, pieces = value.split(":", ARN_PARTS - 1), value.split(":")
    at = rng.randrange(1, len(parts))

    def with_part(part: str, at: int = at) -> str:
        return ":".join([*parts[:at], part, *parts[at + 1 :]])

    def across_colons() -> str:
        """One that the value matches only if a wildcard crosses a colon, though it has six parts."""
        first = rng.randint(2, 4)
        return ":".join([*pieces[:first], "*", *pieces[first + 1 + len(pieces) - ARN_PARTS :]])

    forms = (
        (4, lambda: value),
        (2, lambda: rng.choice(others)),
        (2, lambda: with_part(variable(parts[at], context, rng))),
        (1, lambda: with_part(variable(parts[ACCOUNT_PART], context, rng), ACCOUNT_PART)),
        (1, lambda: with_part(swapped(parts[at], rng))),
        (4, lambda: with_part(wild(parts[at], rng))),
        (12 if len(pieces) > ARN_PARTS else 0, across_colons),
    )
    weights, makers = zip(*forms, strict=True)
    made: str = rng.choices(makers, weights)[0]()
    return made


def flag(value: str, rng: Random) -> str:
    """A truth value, the same or the other, in any case."""
    one = value if rng.random() < 0.5 else {"true": "false", "false": "true"}[value]
    return one.capitalize() if rng.random() < 0.15 else one


def number(value: str, rng: Random) -> str:
    """A number near another: the same, one more, one less, or written otherwise."""
    near = int(value) + rng.choice((0, 0, -1, 1))
    return rng.choice((f"{near}", f"{near}", f"{near}.0", f"{near}.5"))


def date(value: str, rng: Random) -> str:
    """An instant near another: the same, a second before or after, in any of the forms that IAM reads."""
    instant = datetime.fromtimestamp(int(value), UTC) if value.isdigit() else datetime.fromisoformat(value)
    near = instant + timedelta(seconds=rng.choice((0, 0, -1, 1)))
    forms = (
        near.strftime("%Y-%m-%dT%H:%M:%SZ"),
        near.strftime("%Y-%m-%dT%H:%M:%SZ"),
        (near + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00"),
        near.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        near.strftime("%Y-%m-%d"),
        str(int(near.timestamp())),
    )
    return rng.choice(forms)


def address(value: str, rng: Random) -> str:
    """An address or a block near an address: holding it or beside it."""
    found = ip_address(value)
    longest = found.max_prefixlen
    if rng.random() < 0.35:
        return value if rng.random() < 0.4 else rng.choice(KEYS["aws:SourceIp"].values)
    near = ip_address(int(found) ^ (1 << rng.randrange(longest // 2))) if rng.random() < 0.6 else found
    return str(ip_network((near, rng.randint(longest // 2, longest)), strict=False))


def binary(value: str, rng: Random) -> str:
    """Base64 of something, perhaps of what the value is base64 of."""
    others = [base64.b64encode(name).decode() for name in (b"alice", b"bob")]
    return value if value in others and rng.random() < 0.5 else rng.choice(others)
