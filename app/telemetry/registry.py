"""All instruments of a process, and what they say now."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from structlog.typing import FilteringBoundLogger

from app.telemetry.instruments import Counter, Description, Histogram, Numbers, Random, Spread

log: FilteringBoundLogger = structlog.get_logger(__name__)

Read = Callable[[], Numbers | Mapping[tuple[str, ...], Spread]]
"""Reads an instrument, each time that the process's numbers are collected."""


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
        self._reads: list[tuple[Description, Read]] = []
        self._unreadable: set[str] = set()

    def counter(self, description: Description) -> Counter:
        """A new counter."""
        made = Counter(description)
        self.observe(description, made.read)
        return made

    def histogram(self, description: Description) -> Histogram:
        """A new histogram."""
        made = Histogram(description, self._random)
        self.observe(description, made.read)
        return made

    def gauge(self, description: Description, read: Callable[[], float | None]) -> None:
        """Ask for one number that somebody keeps anyway.

        Args:
            description: What it is; without attributes.
            read: As for `observe`; None where there is no such number now.
        """

        def numbers() -> Numbers:
            number = read()
            return {} if number is None else {(): number}

        self.observe(description, numbers)

    def observe(self, description: Description, read: Read) -> None:
        """Ask for numbers that somebody keeps anyway.

        Args:
            description: What they are.
            read: Reads them, once with each collection. What it raises is logged, and leaves these numbers out.
        """
        with self._lock:
            self._reads.append((description, read))

    def collect(self) -> list[Family]:
        """What all instruments say. Raises nothing."""
        with self._lock:
            reads = list(self._reads)
        return [
            Family(description, [(_named(description, values), number) for values, number in numbers.items()])
            for description, read in reads
            if (numbers := self._numbers(description.name, read))
        ]

    def _numbers(self, name: str, read: Read) -> Numbers | Mapping[tuple[str, ...], Spread]:
        try:
            numbers = read()
        except Exception as error:  # noqa: BLE001 - a store that is down, say, must not hide the other numbers
            if name not in self._unreadable:
                log.warning("metrics.unreadable", metric=name, kind=type(error).__name__)
            self._unreadable.add(name)
            return {}
        self._unreadable.discard(name)
        return numbers


def _named(description: Description, values: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(description.attributes, values, strict=True) if value}
