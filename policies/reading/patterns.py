"""Patterns with `*` and `?` held against each other: actions, ARNs, values of conditions."""

from functools import lru_cache

RUN, ONE = "*", "?"


def is_pattern(text: str) -> bool:
    """Whether a text may stand for several others: it has a wildcard, or a policy variable."""
    return RUN in text or ONE in text or "${" in text


@lru_cache(maxsize=4096)
def overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    # Row by row of `one`: which beginnings of `other` share a text with the beginning of `one`.
    row = [not other[:end].strip(RUN) for end in range(len(other) + 1)]
    for mark in one:
        following = [mark == RUN and row[0]]
        for at, partner in enumerate(other, start=1):
            together = row[at - 1] and (mark == partner or ONE in (mark, partner))
            following.append(together or (RUN in (mark, partner) and (row[at] or following[at - 1])))
        row = following
    return row[-1]


@lru_cache(maxsize=4096)
def covers(wide: str, narrow: str) -> bool:
    """Whether whatever matches the narrow pattern matches the wide one.

    A wildcard of the narrow one is read as a character that only the same wildcard, or `*`, stands for. So it may miss
    that `**` is no wider than `*`, and never sees a cover where there is none.
    """
    reached = _past_runs({0}, wide)
    for mark in narrow:
        reached = _past_runs({_after(wide, at) for at in reached if _takes(wide, at, mark)}, wide)
    return len(wide) in reached


def _past_runs(reached: set[int], wide: str) -> set[int]:
    """With where one may stand as well, since `*` stands for nothing too."""
    passed = set(reached)
    for start in reached:
        at = start
        while wide[at : at + 1] == RUN:
            at += 1
            passed.add(at)
    return passed


def _takes(wide: str, at: int, mark: str) -> bool:
    expected = wide[at : at + 1]
    return expected == RUN or (mark != RUN and bool(expected) and expected in (mark, ONE))


def _after(wide: str, at: int) -> int:
    return at if wide[at] == RUN else at + 1
