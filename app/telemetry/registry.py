"""All instruments of a process, and what they say now."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from structlog.typing import FilteringBoundLogger

from app.telemetry.instruments import Counter, Description, Histogram, Numbers, Random, Spread

log: FilteringBoundLogger = structlog.get_logger(__name__)

Series = Numbers | Mapping[tuple[str, ...], Spread]
ReadTogether = Callable[[], Sequence[tuple[Description, Series]]]
"""Reads instruments, each time that the process's numbers are collected."""


@dataclass(frozen=True)
class Family:
    """What an instrument says.

    Args:
        description: What it is.
        points: Its numbers, by the values of its attributes; empty ones are left out.
    """

    description: Description
    points: Sequence[tuple[Mapping[str, str], float | Spread]]


class Registry:
    """The instruments. Safe to use from several threads.

    Args:
        common: The attributes of every number: which queue, in which system.
        random: Where chance comes from, if single values of histograms are wanted; see `Histogram`.
    """

    def __init__(self, common: Mapping[str, str], random: Random | None = None) -> None:
        self.common = common
        self._random = random
        self._lock = threading.Lock()
        self._counters: dict[Description, Counter] = {}
        self._histograms: dict[Description, Histogram] = {}
        self._reads: list[tuple[str, ReadTogether]] = []
        self._unreadable: set[str] = set()

    def counter(self, description: Description) -> Counter:
        """The counter of this description, the same for all who ask."""
        with self._lock:
            made = self._counters.get(description)
            if made is None:
                made = self._counters[description] = Counter(description)
                self._reads.append((description.name, lambda: [(description, made.read())]))
        return made

    def histogram(self, description: Description) -> Histogram:
        """The histogram of this description, the same for all who ask."""
        with self._lock:
            made = self._histograms.get(description)
            if made is None:
                made = self._histograms[description] = Histogram(description, self._random)
                self._reads.append((description.name, lambda: [(description, made.read())]))
        return made

    def observe_one(self, description: Description, read: Callable[[], float | None]) -> None:
        """Ask for one number that somebody keeps anyway.

        Args:
            description: What it is; without attributes.
            read: Reads it, once with each collection; None where there is none now. What it raises is logged, and
                leaves this number out.
        """

        def together() -> Sequence[tuple[Description, Numbers]]:
            number = read()
            return [] if number is None else [(description, {(): number})]

        self.observe_together(description.name, together)

    def observe_by(self, description: Description, read: Callable[[], Mapping[str, float]]) -> None:
        """Ask for numbers that somebody keeps anyway, by the values of the one attribute that they have.

        Args:
            description: What they are.
            read: As for `observe_one`.
        """

        def together() -> Sequence[tuple[Description, Numbers]]:
            return [(description, {(value,): number for value, number in read().items()})]

        self.observe_together(description.name, together)

    def observe_together(self, name: str, read: ReadTogether) -> None:
        """Ask for numbers that are found out together.

        Args:
            name: What they are called in the log.
            read: As for `observe_one`.
        """
        with self._lock:
            self._reads.append((name, read))

    def collect(self) -> list[Family]:
        """What all instruments say. Raises nothing."""
        with self._lock:
            reads = list(self._reads)
        return [
            Family(description, [(_named(description, values), number) for values, number in numbers.items()])
            for name, read in reads
            for description, numbers in self._numbers(name, read)
            if numbers
        ]

    def _numbers(self, name: str, read: ReadTogether) -> Sequence[tuple[Description, Series]]:
        try:
            numbers = read()
        except Exception as error:  # noqa: BLE001 - a store that is down, say, must not hide the other numbers
            if name not in self._unreadable:
                log.warning("metrics.unreadable", metric=name, kind=type(error).__name__)
            self._unreadable.add(name)
            return []
        self._unreadable.discard(name)
        return numbers


def _named(description: Description, values: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(description.attributes, values, strict=True) if value}
