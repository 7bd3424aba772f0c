"""What a list has lost, found without looking at each that it has kept."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def removed(present: Sequence[Item], kept: Sequence[Item]) -> Iterator[Item]:
    """Finds what is not kept, in logarithmic time for each.

    Args:
        present: All, each of them once.
        kept: Some of them, the very same objects, in the same order.

    Yields:
        The others, in their order.
    """
    at = 0
    for gone in range(len(present) - len(kept)):

        def is_shifted(index: int, gone: int = gone) -> bool:
            return kept[index] is not present[index + gone]

        at = bisect_left(range(len(kept)), True, lo=at, key=is_shifted)  # noqa: FBT003 - the first that is
        yield present[at + gone]
