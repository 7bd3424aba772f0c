"""Two ways to do one thing, timed in turns, so that whatever else the machine does falls on both."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


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
        return median(other / plain for plain, other in zip(self.plain_seconds, self.other_seconds, strict=True))

    def told(self, plain: str, other: str) -> str:
        """The figures in words.

        Args:
            plain: What the plain one is called.
            other: What the one in question is called.
        """
        width = max(len(plain), len(other))
        return "\n".join(
            (
                f"{plain:{width}}  {_spread(self.plain_seconds)}",
                f"{other:{width}}  {_spread(self.other_seconds)}",
                f"ratio {self.ratio:.2f} (median of {len(self.plain_seconds)} pairs)",
            )
        )


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
    for warming_up in (plain, other):
        warming_up()
    timed = [(_seconds(plain, timer), _seconds(other, timer)) for _ in range(pairs)]
    return Comparison([one for one, _ in timed], [other for _, other in timed])


def _seconds(run: Callable[[], object], timer: Callable[[], float]) -> float:
    started = timer()
    run()
    return timer() - started


def _spread(seconds: Sequence[float]) -> str:
    return f"min {min(seconds):.2f} s  median {median(seconds):.2f} s  max {max(seconds):.2f} s"
