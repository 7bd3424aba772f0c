"""Any request at all: the formulas of `semantics`, translated so that a solver can choose the facts.

What a policy compares by size, a value has beside its text as a number that Z3 chooses freely, and its lower case
likewise; these are tied to the text only where a request is given. Z3 may thus choose a text and a number that no value
has both, never too few. A proof holds all the same; a counterexample is put to the evaluator before it is believed.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import Final

from access.meaning.formula import (
    And,
    Characters,
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
from access.meaning.measures import Measure
from access.proof import smt
from access.proof.shape import Shape
from access.proof.slots import Slot, in_lower_case
from access.proof.smt import Form, Model, Text, Truth
from access.request import Facts

_DIGIT: Final = smt.character_between("0", "9")
_CHARACTERS: Final = {
    Characters.ANY: smt.any_character(),
    Characters.NO_COLON: smt.other_character(smt.one_character(":")),
    Characters.DIGIT: _DIGIT,
    Characters.PATH: smt.other_character(smt.either_form(map(smt.one_character, ":*?"))),
    Characters.NAME: smt.either_form(
        [smt.character_between("A", "Z"), smt.character_between("a", "z"), _DIGIT, *map(smt.one_character, "+=,.@_-")]
    ),
}


class SymbolicRequest:
    """A request whose facts are for the solver to choose.

    Args:
        shape: How much of it will be asked for.
        name: What to call it among several.
        common: Facts that it shares with every other symbolic request that shares them.
    """

    def __init__(self, shape: Shape, name: str = "request", *, common: Collection[str] = ()) -> None:
        self._shape = shape
        self._name = name
        self._common = frozenset(common)

    @property
    def well_formed(self) -> Truth:
        """What is true of every row of slots: it is filled from the left, and addresses are addresses."""
        parts: list[Truth] = []
        for fact in self._shape.slots:
            row = self._row(fact)
            parts.extend(smt.implication(later.filled, earlier.filled) for earlier, later in pairwise(row))
            parts.extend(part for slot in row for part in slot.addresses(self._shape.measures[fact]))
        return smt.conjunction(parts)

    def truth(self, formula: Formula) -> Truth:
        """Whether a formula is true of the request."""
        match formula:
            case Not(part):
                return smt.negation(self.truth(part))
            case And(parts):
                return smt.conjunction(map(self.truth, parts))
            case Or(parts):
                return smt.disjunction(map(self.truth, parts))
            case Present(fact):
                return self._row(fact)[0].filled
            case Several(fact):
                return self._several(fact)
            case Some(fact, test):
                return smt.disjunction(
                    smt.conjunction((slot.filled, self._passes(slot, test))) for slot in self._row(fact)
                )

    def given(self, facts: Facts) -> Truth:
        """The request has these facts, and no other of those that are asked for.

        Raises:
            ValueError: When a fact has more values than there are slots for it.
        """
        return smt.conjunction(self._given(fact, facts.get(fact, ())) for fact in self._shape.slots)

    def chosen(self, model: Model) -> Facts:
        """The facts that the solver chose, of those that are asked for."""
        return {
            fact: tuple(self._chosen(slot, self._shape.measures[fact], model) for slot in row)
            for fact in self._shape.slots
            if (row := [slot for slot in self._row(fact) if model.truth(slot.filled)])
        }

    def _row(self, fact: str) -> list[Slot]:
        owner = "common" if fact in self._common else self._name
        return [Slot(f"{owner} {fact} {position}") for position in range(self._shape.slots[fact])]

    def _several(self, fact: str) -> Truth:
        row = self._row(fact)
        return smt.disjunction(slot.filled for slot in row[1:2])

    # ---- Tests of one value

    def _passes(self, slot: Slot, test: Test) -> Truth:
        match test:
            case Like(pieces, ignore_case):
                usable = [self._usable(piece) for piece in pieces if isinstance(piece, ValueOf)]
                return smt.conjunction([*usable, self._made_of(slot, pieces, ignore_case=ignore_case)])
            case NoneOf(tests):
                return smt.negation(smt.disjunction(self._passes(slot, one) for one in tests))
            case Within(measure, low, high, bounds_count):
                within = smt.between(slot.size(measure), low, high, bounds_count=bounds_count)
                return smt.conjunction((slot.measured(measure), within))

    def _usable(self, variable: ValueOf) -> Truth:
        """Whether a policy variable has a text to stand for it."""
        only, parts = self._row(variable.fact)[0], [smt.negation(self._several(variable.fact))]
        if variable.default is None:
            parts.append(only.filled)
        if not variable.across_colons:
            parts.append(smt.negation(smt.contains(self._value(variable), ":")))
        return smt.conjunction(parts)

    def _value(self, variable: ValueOf, *, lowered: bool = False) -> Text:
        only, default = self._row(variable.fact)[0], variable.default or ""
        if lowered:
            return smt.chosen(only.filled, only.lowered, smt.constant(in_lower_case(default)))
        return smt.chosen(only.filled, only.text, smt.constant(default))

    def _made_of(self, slot: Slot, pieces: tuple[Piece, ...], *, ignore_case: bool) -> Truth:
        # Z3 cannot put a text in lower case. What is written in the policy it need not; a variable's value it must.
        lowered = ignore_case and any(isinstance(piece, ValueOf) for piece in pieces)
        text = slot.lowered if lowered else slot.text
        wild = [piece for piece in pieces if isinstance(piece, Run | One)]
        if wild == [Run()] and pieces[-1] == Run() and not ignore_case:  # a beginning is easier on Z3 than a form
            return smt.begins_with(text, smt.joined([self._text(piece, lowered=False) for piece in pieces[:-1]]))
        if wild or (ignore_case and not lowered):
            forms = [self._form(piece, lowered=lowered, ignore_case=ignore_case) for piece in pieces]
            return smt.has_form(text, smt.forms_joined(forms))
        return smt.same(text, smt.joined([self._text(piece, lowered=lowered) for piece in pieces]))

    def _form(self, piece: Piece, *, lowered: bool, ignore_case: bool) -> Form:
        match piece:
            case Run(of):
                return smt.repeated(_CHARACTERS[of])
            case One(of):
                return _CHARACTERS[of]
            case Exactly(text) if ignore_case and not lowered:
                return smt.form_ignoring_case(text)
            case _:
                return smt.form_of(self._text(piece, lowered=lowered))

    def _text(self, piece: Piece, *, lowered: bool) -> Text:
        match piece:
            case Exactly(text):
                return smt.constant(in_lower_case(text) if lowered else text)
            case ValueOf():
                return self._value(piece, lowered=lowered)
            case _:
                raise AssertionError(f"a wildcard has no text: {piece}")

    # ---- Between facts and slots

    def _given(self, fact: str, values: tuple[str, ...]) -> Truth:
        row = self._row(fact)
        if len(values) > len(row):
            raise ValueError(f"{fact} has {len(values)} values, and {len(row)} are asked for")
        filled = (part for slot, value in zip(row, values, strict=False) for part in self._filled(fact, slot, value))
        return smt.conjunction([*filled, *(smt.negation(slot.filled) for slot in row[len(values) :])])

    def _filled(self, fact: str, slot: Slot, value: str) -> Iterator[Truth]:
        yield slot.filled
        yield smt.same(slot.text, smt.constant(value))
        yield smt.same(slot.lowered, smt.constant(in_lower_case(value)))
        for measure in self._shape.measures[fact]:
            size = measure.of(value)
            if size is None:
                yield smt.negation(slot.measured(measure))
            else:
                yield slot.measured(measure)
                yield smt.between(slot.size(measure), size, size, bounds_count=True)

    def _chosen(self, slot: Slot, measures: Iterable[Measure], model: Model) -> str:
        read_as = next((measure for measure in measures if model.truth(slot.measured(measure))), None)
        return read_as.written(model.size(slot.size(read_as))) if read_as else model.text(slot.text)
