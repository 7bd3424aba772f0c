"""Formulas made simpler by what is known: facts that are absent, and facts that are put together from others.

An ARN is put together from a partition, an account, a path and a name. What a policy compares with the whole is here
split into what that says of each part, so that a solver never has to find out how a text may be cut.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from access.evaluator import holds
from access.formula import (
    FALSE,
    TRUE,
    And,
    Atom,
    Exactly,
    Formula,
    Like,
    NoneOf,
    Not,
    One,
    Or,
    Piece,
    Present,
    Run,
    Several,
    Some,
    Test,
    ValueOf,
    Within,
)
from access.slots import in_lower_case

_NEVER = NoneOf((NoneOf(()),))


class UnresolvedError(ValueError):
    """A comparison of two texts neither of which is known, one of them put together from several."""


@dataclass(frozen=True)
class Known:
    """What is known of a request.

    Args:
        made_of: Facts with one value each, and the pieces it is put together from: texts and values of other facts.
        absent: Facts without a value.
        parts: The facts that others are put together from, each with one value; what it looks like, one of these.
    """

    made_of: Mapping[str, tuple[Piece, ...]]
    absent: frozenset[str]
    parts: Mapping[str, tuple[Like, ...]]

    @property
    def looks(self) -> Formula:
        """What is true of all parts."""
        return And(tuple(Or(tuple(Some(fact, look) for look in looks)) for fact, looks in self.parts.items()))

    def and_texts(self, texts: Mapping[str, str]) -> "Known":
        """The same with the texts of further facts, where nothing is known of these yet."""
        new = {fact: (Exactly(text),) for fact, text in texts.items() if fact not in self.parts}
        return replace(self, made_of={**new, **self.made_of})

    def texts(self, facts: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """The facts that are put together, with the values of those that they are put together from."""
        together = {fact: tuple(_text(piece, facts) for piece in pieces) for fact, pieces in self.made_of.items()}
        return {fact: ("".join(texts),) for fact, texts in together.items()}


def _text(piece: Piece, facts: Mapping[str, tuple[str, ...]]) -> str:
    if isinstance(piece, Exactly):
        return piece.text
    assert isinstance(piece, ValueOf)  # noqa: S101 - nothing is put together from wildcards
    return facts[piece.fact][0]


def specialised(formula: Formula, known: Known) -> Formula:
    """The formula as far as it is still open. It asks of no fact that is put together or absent.

    Raises:
        UnresolvedError: When a policy variable is compared with what is put together.
    """
    match formula:
        case Not(part):
            return _negation(specialised(part, known))
        case And(parts):
            return _conjunction(specialised(part, known) for part in parts)
        case Or(parts):
            return _disjunction(specialised(part, known) for part in parts)
        case _:
            return FALSE if formula.fact in known.absent else _answered(formula, known)


def _answered(atom: Atom, known: Known) -> Formula:
    """What is still open of a question about a fact that may be there."""
    has_one_value = atom.fact in known.made_of or atom.fact in known.parts
    match atom:
        case Present():
            return TRUE if has_one_value else atom
        case Several():
            return FALSE if has_one_value else atom
        case Some(fact, test):
            resolved = _resolved(test, known)
            pieces = known.made_of.get(fact)
            return Some(fact, resolved) if pieces is None else _passes(pieces, resolved, known)


def fixed(formula: Formula) -> dict[str, str]:
    """The facts that must be a certain text for the formula to be true, of those that have one value."""
    match formula:
        case And(parts):
            return {fact: text for part in parts for fact, text in fixed(part).items()}
        case Some(fact, Like((Exactly(text),), False)) if ":" not in fact:
            return {fact: text}
        case _:
            return {}


# ---- And, or, not


def _negation(part: Formula) -> Formula:
    if part == TRUE:
        return FALSE
    return TRUE if part == FALSE else Not(part)


def _conjunction(parts: Iterable[Formula]) -> Formula:
    kept = []
    for part in parts:
        if part == FALSE:
            return FALSE
        if part != TRUE:
            kept.append(part)
    return kept[0] if len(kept) == 1 else And(tuple(kept))


def _disjunction(parts: Iterable[Formula]) -> Formula:
    kept = []
    for part in parts:
        if part == TRUE:
            return TRUE
        if part != FALSE:
            kept.append(part)
    return kept[0] if len(kept) == 1 else Or(tuple(kept))


# ---- Policy variables


def _resolved(test: Test, known: Known) -> Test:
    """The test with what is known in the place of policy variables."""
    match test:
        case NoneOf(tests):
            return NoneOf(tuple(_resolved(one, known) for one in tests))
        case Like(pieces):
            resolved = [_stands_for(piece, known) if isinstance(piece, ValueOf) else (piece,) for piece in pieces]
            if any(one is None for one in resolved):
                return _NEVER
            return replace(test, pieces=tuple(piece for one in resolved if one for piece in one))
        case _:
            return test


def _stands_for(variable: ValueOf, known: Known) -> tuple[Piece, ...] | None:
    """What a policy variable stands for; None where nothing can match."""
    pieces: tuple[Piece, ...] | None = known.made_of.get(variable.fact, (variable,))
    if variable.fact in known.absent:
        pieces = None if variable.default is None else (Exactly(variable.default),)
    if pieces is None or variable.across_colons:
        return pieces
    if any(isinstance(piece, Exactly) and ":" in piece.text for piece in pieces):
        return None
    return tuple(replace(piece, across_colons=False) if isinstance(piece, ValueOf) else piece for piece in pieces)


# ---- Comparisons with what is put together


def _passes(pieces: tuple[Piece, ...], test: Test, known: Known) -> Formula:
    match test:
        case NoneOf(tests):
            return _conjunction(_negation(_passes(pieces, one, known)) for one in tests)
        case Like(wanted, ignore_case):
            looks = tuple((piece.fact, known.parts[piece.fact]) for piece in pieces if isinstance(piece, ValueOf))
            return _is_like(pieces, wanted, looks, ignore_case=ignore_case)
        case Within():
            if len(pieces) == 1 and isinstance(pieces[0], ValueOf):
                return Some(pieces[0].fact, test)
            if all(isinstance(piece, Exactly) for piece in pieces):
                text = "".join(piece.text for piece in pieces if isinstance(piece, Exactly))
                return TRUE if holds(Some("text", test), {"text": (text,)}) else FALSE
            return FALSE  # ARNs and ids with a colon in them are no numbers, instants or addresses


_Looks: TypeAlias = tuple[tuple[str, tuple[Like, ...]], ...]


@lru_cache(maxsize=4096)  # the same few ARNs are compared in every question
def _is_like(pieces: tuple[Piece, ...], wanted: tuple[Piece, ...], looks: _Looks, *, ignore_case: bool) -> Formula:
    return _Cut(_one_by_one(wanted), dict(looks), ignore_case=ignore_case).of(pieces, 0)


def _one_by_one(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces, texts cut into characters."""
    return tuple(
        one for piece in pieces for one in (map(Exactly, piece.text) if isinstance(piece, Exactly) else (piece,))
    )


@dataclass(frozen=True)
class _Cut:
    """All ways to cut a pattern so that each part of a text gets its share.

    Args:
        pattern: Character by character.
        looks: What the parts look like, one of these each.
        ignore_case: Whether `A` and `a` are the same.
    """

    pattern: tuple[Piece, ...]
    looks: Mapping[str, tuple[Like, ...]]
    ignore_case: bool

    def of(self, pieces: tuple[Piece, ...], at: int) -> Formula:
        """When the pieces are what the pattern wants from there on."""
        if not pieces:
            return TRUE if all(isinstance(piece, Run) for piece in self.pattern[at:]) else FALSE
        first, rest = pieces[0], pieces[1:]
        if isinstance(first, Exactly):
            return _disjunction(self.of(rest, end) for end in sorted(self._after(first.text, at)))
        assert isinstance(first, ValueOf)  # noqa: S101 - nothing is put together from wildcards
        if not rest:
            return self._share(first.fact, self.pattern[at:])
        return _disjunction(
            _conjunction((self._share(first.fact, self._up_to(at, end)), self.of(rest, end)))
            for end in range(at, len(self.pattern) + 1)
            if end == at or not isinstance(self.pattern[end - 1], Run)
        )

    def _up_to(self, at: int, end: int) -> tuple[Piece, ...]:
        """The pattern between two places. A wildcard may be shared by what is before and what is behind it."""
        shared = self.pattern[end : end + 1]
        return self.pattern[at:end] + (shared if shared and isinstance(shared[0], Run) else ())

    def _share(self, fact: str, pattern: tuple[Piece, ...]) -> Formula:
        """When the value of a part is what this pattern wants."""
        if pattern == (Run(),):
            return TRUE
        looks = self.looks[fact]
        letters = [piece.text for piece in pattern if isinstance(piece, Exactly)]
        if not all(any(_may_have(look, letter, ignore_case=self.ignore_case) for look in looks) for letter in letters):
            return FALSE
        if len(letters) == len(pattern) and not self.ignore_case:
            text = "".join(letters)
            if not any(holds(Some(fact, look), {fact: (text,)}) for look in looks):
                return FALSE
            return Some(fact, Like((Exactly(text),)))
        return Some(fact, Like(pattern, self.ignore_case))

    def _after(self, text: str, at: int) -> set[int]:
        """Where in the pattern one may be after this text."""
        places = {at}
        for character in text:
            places = {end for place in places for end in self._step(character, place)}
        return places

    def _step(self, character: str, place: int) -> Iterator[int]:
        for there, piece in enumerate(self.pattern[place:], start=place):
            match piece:
                case Run(of):
                    if of.includes(character):
                        yield there
                    continue
                case One(of) if of.includes(character):
                    yield there + 1
                case Exactly(wanted) if self._same(wanted, character):
                    yield there + 1
                case ValueOf(fact):
                    raise UnresolvedError(f"the value of {fact} is compared with part of another text")
            return

    def _same(self, one: str, other: str) -> bool:
        return in_lower_case(one) == in_lower_case(other) if self.ignore_case else one == other


def _may_have(look: Like, letter: str, *, ignore_case: bool) -> bool:
    forms = {letter.lower(), letter.upper()} if ignore_case else {letter}
    return any(
        form in piece.text if isinstance(piece, Exactly) else piece.of.includes(form)
        for piece in look.pieces
        if not isinstance(piece, ValueOf)
        for form in forms
    )
