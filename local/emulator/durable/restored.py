"""What a journal says: the account as it was at the last answer.

Pure: records in, state out, and the state's own records, which are the journal's beginning after the next start.
"""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from local.emulator.durable.changes import Op

Record = dict[str, Any]
Scoped: TypeAlias = tuple[str, ...]
"""A key of MiniStack's stores: the account, the region where it matters, and the name or URL."""

QUEUE: Final = "queue"
"""(queue, fields): a queue was made, or its fields other than its messages were changed."""
QUEUE_GONE: Final = "queue gone"
"""(queue,)"""
MESSAGE: Final = "message"
"""(queue, message id, fields): a message came, with all its fields, or some of them were changed."""
MESSAGES_GONE: Final = "messages gone"
"""(queue, message ids)"""
ISSUED: Final = "issued"
"""(queue, {receipt handle: epoch seconds of the receive})"""
SESSION: Final = "session"
"""(access key, session)"""
ENTRY: Final = "entry"
"""(module, store, key, pickled value or None): what a store of another service holds under a key; None is gone."""
OBJECT: Final = "object"
"""(bucket, key, record or None): an S3 object; None is gone."""


@dataclass
class RestoredQueue:
    """A queue.

    Args:
        fields: MiniStack's record of it, without its messages.
        messages: MiniStack's records of them, by id, the oldest first.
        issued: The receipt handles that it gave out, with the times of their receives.
    """

    fields: Record
    messages: dict[str, Record] = field(default_factory=dict)
    issued: dict[str, float] = field(default_factory=dict)


@dataclass
class Restored:
    """An account's state.

    Args:
        queues: By key.
        sessions: MiniStack's records of temporary credentials, by access key.
        entries: Pickled values, by module and store and then by key.
        objects: S3's objects, by bucket and then by key.
    """

    queues: dict[Scoped, RestoredQueue] = field(default_factory=dict)
    sessions: dict[str, Record] = field(default_factory=dict)
    entries: dict[tuple[str, str], dict[Hashable, bytes]] = field(default_factory=dict)
    objects: dict[Scoped, dict[str, Record]] = field(default_factory=dict)

    def apply(self, op: Op, at: float) -> None:
        """Takes in a change.

        Args:
            op: The change.
            at: When it was written, in epoch seconds.
        """
        kind, *said = op
        _APPLY[kind](self, at, *said)

    def ops(self) -> Iterator[Op]:
        """Sums the state up: these changes, from nothing, lead to it. Credentials that have expired are left out."""
        for key, queue in self.queues.items():
            yield QUEUE, key, queue.fields
            yield ISSUED, key, queue.issued
            for identifier, message in queue.messages.items():
                yield MESSAGE, key, identifier, message
        for access_key, session in self.sessions.items():
            if session.get("Expiration", float("inf")) > time.time():
                yield SESSION, access_key, session
        for (module, store), values in self.entries.items():
            for name, value in values.items():
                yield ENTRY, module, store, name, value
        for bucket, objects in self.objects.items():
            for name, record in objects.items():
                yield OBJECT, bucket, name, record


def _queue(state: Restored, _at: float, key: Scoped, fields: Record) -> None:
    state.queues.setdefault(key, RestoredQueue({})).fields.update(fields)


def _queue_gone(state: Restored, _at: float, key: Scoped) -> None:
    state.queues.pop(key, None)


def _message(state: Restored, at: float, key: Scoped, identifier: str, fields: Record) -> None:
    queue = state.queues.get(key)
    if queue is None:  # it was deleted while a long poll still held it
        return
    if identifier in queue.messages:
        queue.messages[identifier].update(fields)
    elif "body" in fields:  # else it was deleted before this change of it
        queue.messages[identifier] = dict(fields)
    if handle := fields.get("receipt_handle"):
        queue.issued.setdefault(handle, at)


def _messages_gone(state: Restored, _at: float, key: Scoped, identifiers: list[str]) -> None:
    if queue := state.queues.get(key):
        for identifier in identifiers:
            queue.messages.pop(identifier, None)


def _issued(state: Restored, _at: float, key: Scoped, issued: dict[str, float]) -> None:
    if queue := state.queues.get(key):
        queue.issued.update(issued)


def _session(state: Restored, _at: float, access_key: str, session: Record) -> None:
    state.sessions[access_key] = session


def _entry(state: Restored, _at: float, module: str, store: str, key: Hashable, value: bytes | None) -> None:
    values = state.entries.setdefault((module, store), {})
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value


def _object(state: Restored, _at: float, bucket: Scoped, key: str, record: Record | None) -> None:
    objects = state.objects.setdefault(bucket, {})
    if record is None:
        objects.pop(key, None)
    else:
        objects[key] = record


_APPLY: Final[Mapping[str, Callable[..., None]]] = {
    QUEUE: _queue,
    QUEUE_GONE: _queue_gone,
    MESSAGE: _message,
    MESSAGES_GONE: _messages_gone,
    ISSUED: _issued,
    SESSION: _session,
    ENTRY: _entry,
    OBJECT: _object,
}
