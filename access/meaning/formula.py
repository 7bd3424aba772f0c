"""What a policy says, as a formula over the facts of a request.

A *fact* is a name with any number of values. Facts are the context keys, in lower case (`aws:sourcevpc`), and what
every request has besides them (`action`, `resource`, `principal.kind`, …), whose names hold no colon. A fact without
values is absent, which is how IAM treats an empty key too ("Condition operators", Null).

There are three questions to ask of a fact: is it `Present`, does it have `Several` values, does `Some` value pass a
test? All else is built from them with and, or, not. Whoever can answer them can evaluate any policy, for one request
(`evaluator`) or for all at once (`symbolic`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeAlias

from access.meaning.measures import Measure

# ---- Tests of one value


@dataclass(frozen=True, slots=True)
class Exactly:
    """This very text."""

    text: str


class Characters(StrEnum):
    """Which characters a wildcard stands for."""

    ANY = "any character"
    NO_COLON = "any character but a colon"
    DIGIT = "a digit"
    NAME = "a letter, a digit, or one of +=,.@_-"
    PATH = "any character but a colon and the wildcards"

    def includes(self, character: str) -> bool:
        """Whether this is one of them."""
        return re.fullmatch(self.expression, character, re.DOTALL) is not None

    @property
    def expression(self) -> str:
        """The same as a regular expression."""
        return _EXPRESSIONS[self]


_EXPRESSIONS: Final = {
    Characters.ANY: ".",
    Characters.NO_COLON: "[^:]",
    Characters.DIGIT: "[0-9]",
    Characters.NAME: "[A-Za-z0-9+=,.@_-]",
    Characters.PATH: "[^:*?]",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Any number of characters, none included: the wildcard `*`."""

    of: Characters = Characters.ANY


@dataclass(frozen=True, slots=True)
class One:
    """One character: the wildcard `?`."""

    of: Characters = Characters.ANY


@dataclass(frozen=True, slots=True)
class ValueOf:
    """The only value of another fact, character by character: a policy variable.

    When the fact is absent it is the default; without one, or when the fact has several values, nothing matches.

    Args:
        fact: Whose value.
        default: What stands for it when the fact is absent.
        across_colons: Whether the value may hold a colon; if it may not and does, nothing matches.
    """

    fact: str
    default: str | None = None
    across_colons: bool = True


Piece: TypeAlias = Exactly | Run | One | ValueOf


@dataclass(frozen=True, slots=True)
class Like:
    """The value is made of these pieces, in this order.

    Args:
        pieces: From the first character to the last.
        ignore_case: Whether `A` and `a` are the same, in ASCII.
    """

    pieces: tuple[Piece, ...]
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """The value can be measured so, and lies between two bounds.

    Args:
        measure: As what the value is read.
        low: The lower bound; None for no bound.
        high: The upper bound; None for no bound.
        bounds_count: Whether the bounds themselves are within.
    """

    measure: Measure
    low: Fraction | None
    high: Fraction | None
    bounds_count: bool = True


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The value passes none of these tests."""

    tests: tuple["Test", ...]


Test: TypeAlias = Like | Within | NoneOf

# ---- Questions about a fact


@dataclass(frozen=True, slots=True)
class Present:
    """The fact has a value."""

    fact: str


@dataclass(frozen=True, slots=True)
class Several:
    """The fact has more than one value."""

    fact: str


@dataclass(frozen=True, slots=True)
class Some:
    """A value of the fact passes the test, one at least. Never true of an absent fact."""

    fact: str
    test: Test


Atom: TypeAlias = Present | Several | Some

# ---- What is built from the answers


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Formula"


@dataclass(frozen=True, slots=True)
class And:
    """Every part is true. Of no parts: true."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part at least is true. Of no parts: false."""

    parts: tuple["Formula", ...]


Formula: TypeAlias = Atom | Not | And | Or

TRUE = And(())
FALSE = Or(())


def every(*parts: Formula) -> And:
    """All of these parts are true."""
    return And(parts)


def either(*parts: Formula) -> Or:
    """One of these parts is true, at least."""
    return Or(parts)


def is_text(fact: str, text: str) -> Some:
    """A value of the fact is this text."""
    return Some(fact, Like((Exactly(text),)))


def is_one_of(fact: str, texts: Iterable[str]) -> Or:
    """A value of the fact is one of these texts."""
    return Or(tuple(is_text(fact, text) for text in texts))


def atoms(formula: Formula) -> Iterator[Atom]:
    """Every question that the formula asks, repetitions included."""
    match formula:
        case Not(part):
            yield from atoms(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from atoms(part)
        case _:
            yield formula
