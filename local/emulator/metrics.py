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
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from local.emulator import alarms, call_counts, internals
from local.emulator.internals import Stored
from local.emulator.queue_gauges import Message, gauges
from local.emulator.seams import wrap, wrap_entry

NAMESPACE: Final = "AWS/SQS"
SAMPLE_SECONDS: Final = 15.0
POINT_SECONDS: Final = 60

_UNITS: Final[Mapping[str, str]] = {"ApproximateAgeOfOldestMessage": "Seconds", call_counts.SIZE: "Bytes"}

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
    for metric, value in call_counts.take(queue):
        _put(queue["name"], metric, value, now)


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
    call_counts.install()
    wrap_entry(sqs, "_HANDLERS", "DeleteQueue", ("data", "qurl"), _forgetting)
    wrap(sqs, "_dlq_sweep", ("q",), _noting_moves)
    wrap(cloudwatch, "handle_request", ("method", "path", "headers", "body", "query_params"), _sampled_first)
