"""The calls on each queue, counted until they are put into its metrics.

The counts stand in MiniStack's own record of the queue, so that they go with it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

from ministack.services import sqs

from local.emulator import internals
from local.emulator.internals import Stored
from local.emulator.seams import wrap_entry

SENT: Final = "NumberOfMessagesSent"
RECEIVED: Final = "NumberOfMessagesReceived"
EMPTY: Final = "NumberOfEmptyReceives"
DELETED: Final = "NumberOfMessagesDeleted"
SIZE: Final = "SentMessageSize"

Handler = Callable[[Stored, str], Any]
"""A handler of MiniStack's: (parameters, queue URL) to the result."""


def take(queue: Stored) -> Iterator[tuple[str, float]]:
    """Takes what has been counted since the last time.

    Args:
        queue: MiniStack's record of it.

    Yields:
        A metric's name and a value for it: each count, 0 too, and the size of each message sent, in bytes.
    """
    counted: Counter[str] = queue.pop("counted", Counter())
    for metric in (SENT, RECEIVED, EMPTY, DELETED):
        yield metric, float(counted[metric])
    for size in queue.pop("sizes", []):
        yield SIZE, float(size)


def _count(url: str, metric: str, number: int) -> None:
    queue = internals.find_queue(url)
    queue.setdefault("counted", Counter())[metric] += number


def _sizes(url: str, entries: list[Stored]) -> None:
    sizes = [len(str(entry.get("MessageBody", "")).encode()) for entry in entries]
    internals.find_queue(url).setdefault("sizes", []).extend(sizes)


def _counting(after: Callable[[Stored, Stored, str], None]) -> Callable[[Handler], Handler]:
    """Wraps a handler so that a call that succeeded is counted."""

    def wrapper(original: Handler) -> Handler:
        def handle(data: Stored, qurl: str) -> Stored:
            result: Stored = original(data, qurl)
            after(data, result, data.get("QueueUrl", qurl))
            return result

        return handle

    return wrapper


def _sent(data: Stored, _result: Stored, url: str) -> None:
    _count(url, SENT, 1)
    _sizes(url, [data])


def _sent_batch(data: Stored, result: Stored, url: str) -> None:
    accepted = {entry["Id"] for entry in result["Successful"]}
    _count(url, SENT, len(accepted))
    _sizes(url, [entry for entry in data["Entries"] if entry["Id"] in accepted])


def _deleted(_data: Stored, _result: Stored, url: str) -> None:
    _count(url, DELETED, 1)


def _deleted_batch(_data: Stored, result: Stored, url: str) -> None:
    _count(url, DELETED, len(result["Successful"]))


def _counting_receives(original: Callable[..., Awaitable[Stored]]) -> Callable[..., object]:
    async def handle(data: Stored, qurl: str) -> Stored:
        result = await original(data, qurl)
        received = len(result.get("Messages", []))
        try:
            _count(data.get("QueueUrl", qurl), RECEIVED if received else EMPTY, received or 1)
        except internals.QueueError:
            return result
        return result

    return handle


def install() -> None:
    """Makes the calls on MiniStack's queues counted.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    handler = ("data", "qurl")
    wrap_entry(sqs, "_HANDLERS", "SendMessage", handler, _counting(_sent))
    wrap_entry(sqs, "_HANDLERS", "SendMessageBatch", handler, _counting(_sent_batch))
    wrap_entry(sqs, "_HANDLERS", "DeleteMessage", handler, _counting(_deleted))
    wrap_entry(sqs, "_HANDLERS", "DeleteMessageBatch", handler, _counting(_deleted_batch))
    wrap_entry(sqs, "_HANDLERS", "ReceiveMessage", handler, _counting_receives)
