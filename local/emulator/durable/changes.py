"""What has changed and is not yet in the journal: written in one record before any answer goes out.

So an answer never tells of what a kill could undo, be it the answer's own request that changed it or another's; and
what one request changed is restored whole or not at all.
"""

import pickle
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Protocol, TypeAlias

from local.emulator.durable.journal import Journal

Op: TypeAlias = tuple[Any, ...]
"""One change: its kind and what it says (`restored` tells which kinds there are)."""
Message = dict[str, Any]
"""An ASGI message."""
Send = Callable[[Message], Awaitable[None]]


class Changing(Protocol):
    """Something of which only the last state before the writing counts."""

    def take(self) -> Op:
        """Says what has changed since the last time."""
        ...


def encode(ops: Iterable[Op]) -> bytes:
    """Gives a record of changes made at about this time.

    Args:
        ops: The changes, in their order.
    """
    return pickle.dumps((time.time(), tuple(ops)), pickle.HIGHEST_PROTOCOL)


def decode(record: bytes) -> tuple[float, Iterator[Op]]:
    """Reads a record.

    Args:
        record: What `encode` gave.

    Returns:
        When it was written, in epoch seconds, and the changes.
    """
    at, ops = pickle.loads(record)  # noqa: S301 - the journal is this program's own, in a folder of its user's
    return at, iter(ops)


class Changes:
    """Collects changes until they are written.

    Args:
        journal: Where they go.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending: list[Op | Changing] = []

    def note(self, change: Op | Changing) -> None:
        """Notes a change.

        Args:
            change: The change, or what is changing and is asked when it is written; the latter notes itself once.
        """
        self._pending.append(change)

    def write(self) -> None:
        """Writes what has been noted.

        Raises:
            JournalError: It cannot be written.
        """
        if self._pending:
            pending, self._pending = self._pending, []
            self._journal.append(encode(one if isinstance(one, tuple) else one.take() for one in pending))

    def before_answering(self, send: Send) -> Send:
        """Wraps ASGI's send, so that all that has changed is on record before the client has its answer.

        Args:
            send: The one to wrap.
        """

        async def write_first(message: Message) -> None:
            self.write()
            await send(message)

        return write_first
