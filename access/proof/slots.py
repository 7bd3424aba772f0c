"""One value that the solver is free to choose: a text, and what it measures."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from access.meaning.measures import Measure
from access.proof import smt
from access.proof.smt import Size, Text, Truth

_LAST_ADDRESS: Final = {Measure.IPV4: Fraction(2**32 - 1), Measure.IPV6: Fraction(2**128 - 1)}
"""What the highest address of each family measures."""


@dataclass(frozen=True)
class Slot:
    """One value that a fact may have. Terms of one name are one term to Z3, so a slot is no more than its name."""

    name: str

    @property
    def filled(self) -> Truth:
        """Whether there is such a value."""
        return smt.truth(f"{self.name} filled")

    @property
    def text(self) -> Text:
        """The value as text."""
        return smt.text(self.name)

    @property
    def lowered(self) -> Text:
        """The text in lower case, which Z3 cannot work out."""
        return smt.text(f"{self.name} lowered")

    def measured(self, measure: Measure) -> Truth:
        """Whether the text can be read so."""
        return smt.truth(f"{self.name} is {measure}")

    def size(self, measure: Measure) -> Size:
        """What it measures, if it can be read so."""
        return smt.size(f"{self.name} as {measure}")

    def addresses(self, measures: Collection[Measure]) -> Iterator[Truth]:
        """What is true of a text that is read as an address: it is one of its family, and of one family."""
        families = [measure for measure in measures if measure in _LAST_ADDRESS]
        for family in families:
            size = self.size(family)
            in_family = smt.between(size, Fraction(0), _LAST_ADDRESS[family], bounds_count=True)
            yield smt.implication(self.measured(family), smt.conjunction((in_family, smt.whole(size))))
        if len(families) > 1:
            yield smt.negation(smt.conjunction(map(self.measured, families)))


def in_lower_case(text: str) -> str:
    """The text in lower case, in ASCII."""
    return "".join(one.lower() if one.isascii() else one for one in text)
