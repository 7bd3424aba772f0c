"""Exceptions as logs tell them: what they are and where they were raised, and not what they say.

What one says may quote a file, a statement's values or a path, which names a user.
"""

import traceback
from collections.abc import Iterator
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def without_words(exc_info: ExcInfo) -> str:
    """An exception's traceback and class, after those of what has brought it about."""
    return "\n".join(reversed([_told(error) for error in _chain(exc_info[1])]))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return "".join(traceback.format_tb(error.__traceback__)) + name
