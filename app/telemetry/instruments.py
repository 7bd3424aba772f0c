"""What counts and measures: numbers in memory, which whoever exports them reads now and then.

The names and the model are OpenTelemetry's, the memory is our own: recording one number by OpenTelemetry's SDK takes
seven microseconds, by these well under one, and a delivery records several. A process that exports nothing has none
of them.
"""

import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Random = Callable[[], float]
"""A number from 0 up to 1, 1 left out."""

MOST_SERIES = 60
"""How many combinations of attributes an instrument tells apart. What comes after that counts as `OTHER`."""
OTHER = "_OTHER"
"""The conventions' word for a value that is told apart from no other."""
MOST_VALUES = 1000
"""How many single values are kept for each export of a histogram; of more, so many are chosen at random."""

SECONDS = (
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    30, 60, 120, 300, 900, 1800, 3600, 14_400, 43_200, 86_400, 345_600,
)  # fmt: skip
"""The bounds of durations: those that the conventions for messaging advise, and on to what a queue keeps a message for.

See https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/.
"""


class Kind(StrEnum):
    """How the numbers of an instrument are to be read."""

    COUNTER = "counter"
    """What has happened since the process began: it only grows."""
    GAUGE = "gauge"
    """What is now."""
    HISTOGRAM = "histogram"
    """How the values are spread that were recorded since the process began."""


@dataclass(frozen=True)
class Description:
    """What an instrument is.

    Args:
        name: Its name, with dots.
        kind: How its numbers are to be read.
        unit: Its unit, as UCUM writes it: `s`, `1`, or what is counted in braces.
        meaning: What it says, for a person.
        attributes: What its numbers are told apart by. An empty value is none.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spread:
    """How a histogram's values are spread.

    Args:
        counts: How many there are up to each of `SECONDS`, each counted once, and how many above the last.
        total: Their sum.
        newest: Those since the last look, or some of them; none where nobody wants single values.
    """

    counts: Sequence[int]
    total: float
    newest: Sequence[float] = ()


Numbers = Mapping[tuple[str, ...], float]
"""By the values of the attributes, in their order."""


class Counter:
    """Counts. Safe to use from several threads.

    Args:
        description: What it is.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self._lock = threading.Lock()
        self._numbers: dict[tuple[str, ...], float] = {}

    def add(self, *values: str, amount: float = 1) -> None:
        """Count something.

        Args:
            values: The attributes' values, in their order.
            amount: How much; not below 0.
        """
        with self._lock:
            if values not in self._numbers:
                values = _told_apart(values, self._numbers)
            self._numbers[values] = self._numbers.get(values, 0) + amount

    def from_zero(self, *series: tuple[str, ...]) -> None:
        """Tell these from the start: Prometheus sees no growth in a number that was not there before.

        Args:
            series: The attributes' values, in their order.
        """
        with self._lock:
            for values in series:
                self._numbers.setdefault(values, 0)

    def read(self) -> Numbers:
        """What has been counted."""
        with self._lock:
            return dict(self._numbers)


@dataclass
class _Series:
    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    total: float = 0.0
    newest: list[float] = field(default_factory=list)
    seen: int = 0


class Histogram:
    """Measures durations. Safe to use from several threads.

    Args:
        description: What it is.
        random: Where chance comes from, for choosing single values; None to keep none.
    """

    def __init__(self, description: Description, random: Random | None = None) -> None:
        self.description = description
        self._random = random
        self._lock = threading.Lock()
        self._series: dict[tuple[str, ...], _Series] = {}

    def record(self, seconds: float, *values: str) -> None:
        """Record a duration.

        Args:
            seconds: The duration. One below 0 (two machines' clocks differ) counts as 0, one that is no number is
                left out.
            values: The attributes' values, in their order.
        """
        if not math.isfinite(seconds):
            return
        seconds = max(0.0, seconds)
        place = bisect_left(SECONDS, seconds)
        with self._lock:
            series = self._series.get(values)
            if series is None:
                series = self._series.setdefault(_told_apart(values, self._series), _Series())
            series.counts[place] += 1
            series.total += seconds
            if self._random is not None:
                self._keep(series, seconds, self._random)

    def _keep(self, series: _Series, seconds: float, random: Random) -> None:
        """Each value has the same chance to be among those that are kept (Vitter's algorithm R)."""
        series.seen += 1
        if len(series.newest) < MOST_VALUES:
            series.newest.append(seconds)
            return
        place = int(random() * series.seen)
        if place < MOST_VALUES:
            series.newest[place] = seconds

    def read(self) -> Mapping[tuple[str, ...], Spread]:
        """What has been recorded. Single values are handed out once."""
        with self._lock:
            read = {
                values: Spread(tuple(series.counts), series.total, series.newest)
                for values, series in self._series.items()
            }
            for series in self._series.values():
                series.newest, series.seen = [], 0
            return read


def _told_apart(values: tuple[str, ...], known: Mapping[tuple[str, ...], object]) -> tuple[str, ...]:
    """The values, or those of the rest where there are too many already: somebody else's codes may be without end."""
    return values if len(known) < MOST_SERIES else (OTHER,) * len(values)
