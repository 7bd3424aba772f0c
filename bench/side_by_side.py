"""Two ways to do one thing, timed in turns, so that whatever else the machine does falls on both."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """How long both took.

    Args:
        plain_seconds: The runs of the one that is compared with.
        other_seconds: The runs of the one in question, in the same order.
    """

    plain_seconds: Sequence[float]
    other_seconds: Sequence[float]

    @property
    def ratio(self) -> float:
        """How many times the plain one the other takes: the median of the pairs' ratios."""
        return median(self._ratios)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the ratio would be with endlessly many pairs, 95 times out of 100; None for fewer than six pairs.

        Two of the pairs' own ratios, chosen by their ranks. That takes nothing for granted of how timings are spread
        (the sign test turned round; Conover, Practical Nonparametric Statistics, 3.2).
        """
        ratios = sorted(self._ratios)
        count = len(ratios)
        outside, rank = 0.0, -1
        while (outside := outside + math.comb(count, rank + 1) / 2**count) <= (1 - _CONFIDENCE) / 2:
            rank += 1
        return (ratios[rank], ratios[count - 1 - rank]) if rank >= 0 else None

    @property
    def _ratios(self) -> list[float]:
        return [other / plain for plain, other in zip(self.plain_seconds, self.other_seconds, strict=True)]

    def told(self, plain: str, other: str, *, messages: int | None = None, target: float | None = None) -> str:
        """The figures in words.

        Args:
            plain: What the plain one is called.
            other: What the one in question is called.
            messages: How many messages each run had; the times are told for one of them then.
            target: What the ratio is to be at most.
        """
        width = max(len(plain), len(other))
        between = f"; 95 % sure: {self.interval[0]:.2f} to {self.interval[1]:.2f}" if self.interval else ""
        lines = [
            f"{plain:{width}}  {_spread(self.plain_seconds, messages)}",
            f"{other:{width}}  {_spread(self.other_seconds, messages)}",
            f"ratio {self.ratio:.2f} (median of {len(self.plain_seconds)} pairs{between})",
        ]
        return "\n".join([*lines, f"target {target:.2f} at most: {self.verdict(target)}"] if target else lines)

    def verdict(self, target: float) -> str:
        """Whether the ratio is at most so much, as far as the runs can tell."""
        met = "met" if self.ratio <= target else "missed"
        least, most = self.interval or (0.0, math.inf)
        return met if most <= target or least > target else f"{met}, but too close to be sure"


def compare(
    plain: Callable[[], object],
    other: Callable[[], object],
    *,
    pairs: int,
    timer: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Run both in turns, each once beforehand to warm up.

    Args:
        plain: What is compared with.
        other: What is in question.
        pairs: How often.
        timer: What counts: time as it passes, or `time.process_time` for this process's own on the processors.
    """
    return compare_seconds(lambda: _seconds(plain, timer), lambda: _seconds(other, timer), pairs=pairs)


def compare_seconds(plain: Callable[[], float], other: Callable[[], float], *, pairs: int) -> Comparison:
    """Run two that time themselves in turns, each once beforehand to warm up.

    Who goes first changes from pair to pair: whoever is second may find caches warm, or a heap that wants collecting.

    Args:
        plain: What is compared with; returns the seconds that count.
        other: What is in question; the same.
        pairs: How often.
    """
    plain()
    other()
    plain_seconds: list[float] = []
    other_seconds: list[float] = []
    both = ((plain, plain_seconds), (other, other_seconds))
    for pair in range(pairs):
        for run, seconds in both if pair % 2 == 0 else reversed(both):
            seconds.append(run())
    return Comparison(plain_seconds, other_seconds)


def _seconds(run: Callable[[], object], timer: Callable[[], float]) -> float:
    started = timer()
    run()
    return timer() - started


def _spread(seconds: Sequence[float], messages: int | None) -> str:
    three = (min(seconds), median(seconds), max(seconds))
    if messages is None:
        least, middle, most = (f"{each:.2f} s" for each in three)
        return f"min {least}  median {middle}  max {most}"
    least, middle, most = (f"{each / messages * 1e6:5.0f}" for each in three)
    return f"min {least}  median {middle}  max {most} µs a message"
