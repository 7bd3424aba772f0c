"""Comparisons of a text that is put together from others, cut into what they say of each.

An ARN is put together from a partition, an account, a path and a name. A solver that had to find out itself how a text
may be cut would often come to no end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from access.evaluator import holds
from access.meaning.formula import FALSE, TRUE, Exactly, Formula, Like, One, Piece, Run, Some, ValueOf
from access.proof.simplified import conjunction, disjunction
from access.proof.slots import in_lower_case


class UnresolvedError(ValueError):
    """A comparison of two texts neither of which is known, one of them put together from several."""


Looks: TypeAlias = tuple[tuple[str, tuple[Like, ...]], ...]
"""What the values of some facts look like, one of these each."""


@lru_cache(maxsize=4096)  # the same few ARNs are compared in every question
def is_like(pieces: tuple[Piece, ...], wanted: tuple[Piece, ...], looks: Looks, *, ignore_case: bool) -> Formula:
    """When a text that is put together from pieces is like a pattern, as said of each piece.

    Args:
        pieces: Texts, and values of other facts.
        wanted: The pattern.
        looks: What those values look like, one of these each.
        ignore_case: Whether `A` and `a` are the same.

    Raises:
        UnresolvedError: When a policy variable of the pattern falls on a text, or may fall on more than one piece.
    """
    spanning = [piece.fact for piece in wanted if isinstance(piece, ValueOf) and piece.across_colons]
    if spanning and len(pieces) > 1:
        raise UnresolvedError(f"the value of {spanning[0]} is compared with what is put together from several")
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
            return disjunction(self.of(rest, end) for end in sorted(self._after(first.text, at)))
        assert isinstance(first, ValueOf)  # noqa: S101 - nothing is put together from wildcards
        if not rest:
            return self._share(first.fact, self.pattern[at:])
        return disjunction(
            conjunction((share, self.of(rest, end)))
            for end in range(at, len(self.pattern) + 1)
            if end == at or not isinstance(self.pattern[end - 1], Run)
            if (share := self._share(first.fact, self._up_to(at, end))) != FALSE
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
