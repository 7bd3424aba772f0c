"""MiniStack's queues, which note by themselves what is done to them and to their messages.

MiniStack keeps a queue as a dictionary, with a list of messages, each a dictionary again, and changes them in many
places. The same dictionaries and lists, with the few operations that it changes them by noted, miss none of them, and
cost only where something changes.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, SupportsIndex

from ministack.services import sqs

from local.emulator import internals
from local.emulator.durable import restored
from local.emulator.durable.changes import Changes, Op
from local.emulator.durable.removal import removed
from local.emulator.durable.restored import Restored, RestoredQueue, Scoped
from local.emulator.internals import Stored
from local.emulator.seams import SeamError, private, wrap_entry

MESSAGES: Final = "messages"
ISSUED: Final = "issued"
UNKEPT: Final = frozenset({MESSAGES, ISSUED, "counted", "sizes", "move_tasks"})
"""What of a queue's record is kept otherwise (messages, handles) or not at all (counts of calls, move tasks)."""
CHANGED_WITHIN: Final = ("SetQueueAttributes", "AddPermission", "RemovePermission", "TagQueue", "UntagQueue")
"""The calls that change what stands in a queue's fields, rather than the fields."""

Handler = Callable[[Stored, str], object]


class Message(dict[str, Any]):
    """A message: notes which of its fields are set.

    Args:
        record: MiniStack's record.
        queue: The queue that it is in.
    """

    __slots__ = ("_fields", "_queue")

    def __init__(self, record: Stored, queue: "Queue") -> None:
        super().__init__(record)
        self._queue = queue
        self._fields: set[str] = set()

    def __setitem__(self, field: str, value: object) -> None:
        super().__setitem__(field, value)
        if not self._fields:
            self._queue.changes.note(self)
        self._fields.add(field)

    def arrive(self) -> None:
        """Notes the message as new."""
        self._fields = set(self)
        self._queue.changes.note(self)

    def take(self) -> Op:
        """Says what has changed since the last time."""
        fields, self._fields = self._fields, set()
        return restored.MESSAGE, self._queue.key, self["id"], {field: self[field] for field in fields}


class Messages(list[Message]):
    """A queue's messages: notes which come and go.

    Args:
        messages: Those that are in it.
        queue: The queue.
    """

    __slots__ = ("_queue",)

    def __init__(self, messages: Iterable[Message], queue: "Queue") -> None:
        super().__init__(messages)
        self._queue = queue

    def append(self, record: Stored) -> None:
        """Puts a new message at the end.

        Args:
            record: MiniStack's record.
        """
        message = Message(record, self._queue)
        super().append(message)
        message.arrive()

    def remove(self, message: Stored) -> None:
        """Takes a message out.

        Args:
            message: One that is in the queue.
        """
        self._queue.note_gone([message])
        super().remove(message)  # type: ignore[arg-type]  # found by equality, as in any list

    def clear(self) -> None:
        """Takes all messages out."""
        self._queue.note_gone(self)
        super().clear()

    def pop(self, index: SupportsIndex = -1) -> Message:
        """Takes one message out.

        Args:
            index: Which.
        """
        message = super().pop(index)
        self._queue.note_gone([message])
        return message


class Queue(dict[str, Any]):
    """A queue: notes what is set in it.

    Args:
        record: MiniStack's record, with its messages.
        key: Its key in MiniStack's store.
        changes: Where it is noted.
    """

    __slots__ = ("_noted", "changes", "key")

    def __init__(self, record: Stored, key: Scoped, changes: Changes) -> None:
        super().__init__(record)
        self.key = key
        self.changes = changes
        self._noted = False
        super().__setitem__(MESSAGES, Messages((Message(one, self) for one in record[MESSAGES]), self))

    def __setitem__(self, field: str, value: Any) -> None:  # noqa: ANN401 - what is stored differs by field
        if field == MESSAGES:
            self._keep_only(value)
            return
        super().__setitem__(field, value)
        if field not in UNKEPT:
            self.note()

    def _keep_only(self, kept: list[Message]) -> None:
        """MiniStack removes messages by setting the list of the others, in the same order."""
        present = self[MESSAGES]
        if len(kept) < len(present):
            self.note_gone(removed(present, kept))
        super().__setitem__(MESSAGES, Messages(kept, self))

    def note(self) -> None:
        """Notes that its fields have changed."""
        if not self._noted:
            self._noted = True
            self.changes.note(self)

    def note_gone(self, messages: Iterable[Stored]) -> None:
        """Notes that messages are in it no more.

        Args:
            messages: MiniStack's records of them.
        """
        self.changes.note((restored.MESSAGES_GONE, self.key, [message["id"] for message in messages]))

    def take(self) -> Op:
        """Says what has changed since the last time."""
        self._noted = False
        return restored.QUEUE, self.key, {field: self[field] for field in self if field not in UNKEPT}


class Queues(dict[Scoped, Queue]):
    """The dictionary under MiniStack's store of queues: notes which come and go.

    Args:
        changes: Where it is noted.
    """

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self._changes = changes

    def __setitem__(self, key: Scoped, record: Stored) -> None:
        queue = Queue(record, key, self._changes)
        super().__setitem__(key, queue)
        queue.note()

    def pop(self, key: Scoped, *default: Any) -> Any:  # noqa: ANN401 - dict's overloads, in one
        """Takes a queue out, with its messages.

        Args:
            key: Its key.
            default: What to give if there is none, at most one.
        """
        if key in self:
            self._changes.note((restored.QUEUE_GONE, key))
        return super().pop(key, *default)

    def put_back(self, key: Scoped, queue: RestoredQueue) -> None:
        """Puts a queue in that the journal knows already.

        Args:
            key: Its key.
            queue: The queue.
        """
        record = {**queue.fields, MESSAGES: list(queue.messages.values()), ISSUED: dict(queue.issued)}
        super().__setitem__(key, Queue(record, key, self._changes))


def _noting(original: Handler) -> Handler:
    def handle(data: Stored, qurl: str) -> object:
        result = original(data, qurl)
        queue = internals.find_queue(data.get("QueueUrl", qurl))
        if isinstance(queue, Queue):
            queue.note()
        return result

    return handle


def install(state: Restored, changes: Changes) -> None:
    """Makes MiniStack's queues note their changes, and fills them.

    Args:
        state: What they held.
        changes: Where they note.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    store = private(sqs, "_queues")
    if getattr(store, "_data", None) != {}:
        raise SeamError("MiniStack's store of queues is not as local/emulator/durable/queues.py was written for")
    queues = Queues(changes)
    for key, queue in state.queues.items():
        queues.put_back(key, queue)
    store._data = queues  # noqa: SLF001 - MiniStack offers no other way in
    private(sqs, "_rebuild_queue_name_index")()
    for action in CHANGED_WITHIN:
        wrap_entry(sqs, "_HANDLERS", action, ("data", "qurl"), _noting)
