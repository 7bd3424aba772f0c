"""The queues' metrics, put where MiniStack keeps CloudWatch's, as SQS itself would emit them.

Gauges are sampled, and calls counted, into one point a minute for each metric, in the namespace AWS/SQS with the
dimension QueueName. Sampled every `SAMPLE_SECONDS` and before any CloudWatch call is answered, so that whoever asks is
told the truth without waiting. As on AWS, NumberOfMessagesSent does not count moves to a dead-letter queue, and a
message's age there begins with the move. Unlike AWS, where a queue falls silent after six idle hours, every queue is
always sampled; and since a deleted queue's name can be used again at once here, its metrics go with it.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from local.emulator import alarms, internals
from local.emulator.internals import Stored
from local.emulator.queue_gauges import Message, gauges
from local.emulator.seams import wrap, wrap_entry

NAMESPACE: Final = "AWS/SQS"
SAMPLE_SECONDS: Final = 15.0
POINT_SECONDS: Final = 60

SENT: Final = "NumberOfMessagesSent"
RECEIVED: Final = "NumberOfMessagesReceived"
EMPTY: Final = "NumberOfEmptyReceives"
DELETED: Final = "NumberOfMessagesDeleted"
SIZE: Final = "SentMessageSize"
_UNITS: Final[Mapping[str, str]] = {"ApproximateAgeOfOldestMessage": "Seconds", SIZE: "Bytes"}

Handler = Callable[[Stored, str], Any]
"""A handler of MiniStack's: (parameters, queue URL) to the result."""


def _message(stored: Stored) -> Message:
    internals.complete_message(stored)
    moved = stored.get("moved_at")
    return Message(
        entered_at=float(stored["sent_at"] if moved is None else moved),
        visible_at=float(stored["visible_at"]),
        receives=int(stored["receive_count"]) - int(stored.get("receives_before_move", 0)),
    )


def _put(queue: str, metric: str, value: float, now: float) -> None:
    """Adds a sample to the running minute's point."""
    dimensions = {"QueueName": queue}
    bucket = internals.metric_points((NAMESPACE, metric, internals.dimensions_key(dimensions)))
    start = float(math.floor(now / POINT_SECONDS) * POINT_SECONDS)
    if bucket and bucket[-1]["Timestamp"] == start:
        stat = bucket[-1]["_stat"]
        stat["SampleCount"] += 1
        stat["Sum"] += value
        stat["Minimum"] = min(stat["Minimum"], value)
        stat["Maximum"] = max(stat["Maximum"], value)
    else:
        point: Stored = {
            "Timestamp": start,
            "Unit": _UNITS.get(metric, "Count"),
            "Dimensions": dimensions,
            "Value": value,
        }
        bucket.append(point | {"_stat": {"SampleCount": 1, "Sum": value, "Minimum": value, "Maximum": value}})


def sample() -> None:
    """Samples every queue of every account, then evaluates every alarm."""
    now = time.time()
    for (owner, region, _), queue in internals.queues.all_items():
        with request_scope(owner, region):
            _sample_one(queue, now)
    alarms.evaluate_all()


def _sample_one(queue: Stored, now: float) -> None:
    internals.drop_expired(queue)
    for metric, value in gauges(map(_message, queue["messages"]), now).items():
        _put(queue["name"], metric, value, now)
    counted: Counter[str] = queue.pop("counted", Counter())
    for metric in (SENT, RECEIVED, EMPTY, DELETED):
        _put(queue["name"], metric, float(counted[metric]), now)
    for size in queue.pop("sizes", []):
        _put(queue["name"], SIZE, float(size), now)


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


def _forgetting(original: Handler) -> Handler:
    def handle(data: Stored, qurl: str) -> object:
        queue = internals.find_queue(data.get("QueueUrl", qurl), "sqs:DeleteQueue")
        result = original(data, qurl)
        _, _, _, region, owner, name = queue["attributes"]["QueueArn"].split(":")
        with request_scope(owner, region):
            gone = internals.dimensions_key({"QueueName": name})
            for key in [key for key in internals.metrics if key[0] == NAMESPACE and key[2] == gone]:
                del internals.metrics[key]
        return result

    return handle


def _dead_letters(queue: Stored) -> list[Stored]:
    """The messages of a queue's dead-letter queue; none if it has none."""
    redrive = queue["attributes"].get("RedrivePolicy")
    target = internals.find_queue_by_arn(json.loads(redrive)["deadLetterTargetArn"]) if redrive else None
    return target["messages"] if target else []


def _noting_moves(original: Callable[[Stored], None]) -> Callable[[Stored], None]:
    def sweep(q: Stored) -> None:
        already = len(_dead_letters(q))
        original(q)
        now = time.time()
        for message in _dead_letters(q)[already:]:
            message["moved_at"] = now
            message["receives_before_move"] = message["receive_count"]

    return sweep


def _sampled_first(original: Callable[..., Awaitable[object]]) -> Callable[..., object]:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> object:
        sample()
        return await original(method, path, headers, body, query_params)

    return handle_request


def install() -> None:
    """Makes MiniStack's queues measured.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    handler = ("data", "qurl")
    wrap_entry(sqs, "_HANDLERS", "SendMessage", handler, _counting(_sent))
    wrap_entry(sqs, "_HANDLERS", "SendMessageBatch", handler, _counting(_sent_batch))
    wrap_entry(sqs, "_HANDLERS", "DeleteMessage", handler, _counting(_deleted))
    wrap_entry(sqs, "_HANDLERS", "DeleteMessageBatch", handler, _counting(_deleted_batch))
    wrap_entry(sqs, "_HANDLERS", "ReceiveMessage", handler, _counting_receives)
    wrap_entry(sqs, "_HANDLERS", "DeleteQueue", handler, _forgetting)
    wrap(sqs, "_dlq_sweep", ("q",), _noting_moves)
    wrap(cloudwatch, "handle_request", ("method", "path", "headers", "body", "query_params"), _sampled_first)
