"""Formulas made simpler by what is known: facts that are absent, and facts that are put together from others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from access.evaluator import holds
from access.meaning.formula import (
    FALSE,
    TRUE,
    And,
    Atom,
    Exactly,
    Formula,
    Like,
    NoneOf,
    Not,
    Or,
    Piece,
    Present,
    Several,
    Some,
    Test,
    ValueOf,
    Within,
)
from access.proof.cuts import UnresolvedError, is_like
from access.proof.simplified import conjunction, disjunction, negation

_NEVER = NoneOf((NoneOf(()),))


@dataclass(frozen=True)
class Known:
    """What is known of a request.

    Args:
        made_of: Facts with one value each, and the pieces it is put together from: texts and values of other facts.
        absent: Facts without a value.
        parts: The facts that others are put together from, each with one value; what it looks like, one of these.
        absent_families: How the names of further facts without a value begin.
    """

    made_of: Mapping[str, tuple[Piece, ...]]
    absent: frozenset[str]
    parts: Mapping[str, tuple[Like, ...]]
    absent_families: tuple[str, ...] = ()

    def lacks(self, fact: str) -> bool:
        """Whether the fact has no value."""
        return fact in self.absent or fact.startswith(self.absent_families)

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

    What cannot be cut, a policy variable compared with what is put together, is left open as a fact of its own, which
    may be either way: what is proven then holds for both. `unresolved` tells of them.
    """
    match formula:
        case Not(part):
            return negation(specialised(part, known))
        case And(parts):
            return conjunction(specialised(part, known) for part in parts)
        case Or(parts):
            return disjunction(specialised(part, known) for part in parts)
        case _:
            if known.lacks(formula.fact):
                return FALSE
            try:
                return _answered(formula, known)
            except UnresolvedError as error:
                return Present(f"{_UNRESOLVED}{error}{_OF}{formula}")


_UNRESOLVED, _OF = "unresolved: ", " | "


def unresolved(facts: Iterable[str]) -> dict[str, str]:
    """The facts that stand for what could not be cut, each with the reason why."""
    return {fact: fact.removeprefix(_UNRESOLVED).partition(_OF)[0] for fact in facts if fact.startswith(_UNRESOLVED)}


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
    if known.lacks(variable.fact):
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
            return conjunction(negation(_passes(pieces, one, known)) for one in tests)
        case Like(wanted, ignore_case):
            looks = tuple((piece.fact, known.parts[piece.fact]) for piece in pieces if isinstance(piece, ValueOf))
            return is_like(pieces, wanted, looks, ignore_case=ignore_case)
        case Within():
            if len(pieces) == 1 and isinstance(pieces[0], ValueOf):
                return Some(pieces[0].fact, test)
            if all(isinstance(piece, Exactly) for piece in pieces):
                text = "".join(piece.text for piece in pieces if isinstance(piece, Exactly))
                return TRUE if holds(Some("text", test), {"text": (text,)}) else FALSE
            return FALSE  # ARNs and ids with a colon in them are no numbers, instants or addresses
