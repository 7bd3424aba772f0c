"""How much of a request some formulas ask for: how many values of each fact, read as what.

There need be no more values of a fact than questions about it. A request with more has a part with the same answers:
one value for each question that some value answers, and a second where there are several.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from access.meaning.formula import Formula, Like, NoneOf, Several, Some, Test, ValueOf, Within, atoms
from access.meaning.measures import Measure


@dataclass(frozen=True)
class Shape:
    """How much of a request some formulas ask for.

    Args:
        slots: How many values of each fact.
        measures: As what else than text each fact's values are read.
    """

    slots: Mapping[str, int]
    measures: Mapping[str, frozenset[Measure]]

    @classmethod
    def of(cls, formulas: Iterable[Formula], *, single: Callable[[str], bool] = lambda fact: ":" not in fact) -> Self:
        """What these formulas ask for, all of them together.

        Args:
            formulas: All that will be asked.
            single: Whether a fact never has more than one value; by default what is no context key.
        """
        questions = {atom for formula in formulas for atom in atoms(formula)}
        tests: dict[str, set[Test]] = {atom.fact: set() for atom in questions}
        several = {atom.fact for atom in questions if isinstance(atom, Several)}
        for atom in questions:
            if isinstance(atom, Some):
                tests[atom.fact].add(atom.test)
                several |= (variables := {piece.fact for piece in _variables(atom.test)})
                tests.update({fact: set() for fact in variables - tests.keys()})
        return cls(
            slots={
                fact: 1 if single(fact) else max(len(asked), 2 if fact in several else 1)
                for fact, asked in tests.items()
            },
            measures={fact: frozenset(_measures(asked)) for fact, asked in tests.items()},
        )


def _variables(test: Test) -> Iterator[ValueOf]:
    if isinstance(test, Like):
        yield from (piece for piece in test.pieces if isinstance(piece, ValueOf))
    if isinstance(test, NoneOf):
        for one in test.tests:
            yield from _variables(one)


def _measures(tests: Iterable[Test]) -> Iterator[Measure]:
    for test in tests:
        if isinstance(test, Within):
            yield test.measure
        if isinstance(test, NoneOf):
            yield from _measures(test.tests)
