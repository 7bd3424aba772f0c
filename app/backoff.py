"""How long to wait before trying again."""

from collections.abc import Callable

Random = Callable[[], float]
"""A number from 0 up to 1, such as `random.random`."""


def backoff_seconds(failures: int, *, first: float, most: float, random: Random) -> float:
    """Seconds to wait: doubling with each failure, then bounded, then spread over the upper half.

    Spread, so that what failed together does not come back together; over the upper half, so that it does wait.

    Args:
        failures: How many failures there have been, from 1.
        first: The wait after the first, in seconds.
        most: The longest wait, in seconds.
        random: Where chance comes from.
    """
    whole = min(most, first * 2.0 ** min(failures - 1, 60))
    return whole * (0.5 + random() / 2)
