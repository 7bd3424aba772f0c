"""A server that speaks as much of SQS as benchmarks need, and does little else: `python -m bench.stub_queue PORT`.

One standard queue in memory, whatever URL is asked. Nobody's permissions, signatures or limits are looked at.
"""

import asyncio
import hashlib
import json
import struct
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bench.memory_queue import Kept, MemoryQueue

READY = "listening"
_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_VISIBILITY_SECONDS = 30
_LOOK_SECONDS = 0.05
"""How often a receive that waits looks whether a message is no longer hidden."""

Request = Mapping[str, Any]
"""What a client sent, as JSON: it may hold anything."""
Answer = dict[str, object]


class RefusedError(Exception):
    """What SQS would answer with status 400.

    Args:
        code: SQS's code for it.
    """


class StubQueue:
    """The actions of SQS's JSON protocol on one queue. For one event loop.

    Args:
        now: The time, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._queue = MemoryQueue()
        self._arrived = asyncio.Event()
        self._actions: Mapping[str, Callable[[Request], Answer]] = {
            "SendMessage": self._send,
            "SendMessageBatch": lambda request: self._batch(request, self._send),
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": lambda request: self._batch(request, self._delete),
            "ChangeMessageVisibility": self._hide,
            "ChangeMessageVisibilityBatch": lambda request: self._batch(request, self._hide),
        }

    async def answer(self, action: str, request: Request) -> Answer:
        """What SQS would answer.

        Raises:
            RefusedError: It would refuse, or the stub does not know the action.
        """
        if action == "ReceiveMessage":
            return await self._receive(request)
        if action not in self._actions:
            raise RefusedError("InvalidAction")
        return self._actions[action](request)

    def _send(self, request: Request) -> Answer:
        attributes = request.get("MessageAttributes") or {}
        kept = self._queue.send(request["MessageBody"], attributes, self._now())
        self._arrived.set()
        answer: Answer = {"MessageId": kept.message_id, "MD5OfMessageBody": _md5(kept.body.encode())}
        return answer | ({"MD5OfMessageAttributes": md5_of_attributes(attributes)} if attributes else {})

    def _delete(self, request: Request) -> Answer:
        self._queue.delete(request["ReceiptHandle"])
        return {}

    def _hide(self, request: Request) -> Answer:
        if not self._queue.hide(request["ReceiptHandle"], request["VisibilityTimeout"], self._now()):
            raise RefusedError("MessageNotInflight")
        self._arrived.set()
        return {}

    async def _receive(self, request: Request) -> Answer:
        most = request.get("MaxNumberOfMessages", 1)
        visibility = request.get("VisibilityTimeout", _VISIBILITY_SECONDS)
        until = self._now() + request.get("WaitTimeSeconds", 0)
        while (
            not (received := self._queue.receive(most, visibility, self._now())) and (left := until - self._now()) > 0
        ):
            self._arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), min(left, _LOOK_SECONDS))
        return {"Messages": [_handed_out(kept, request) for kept in received]} if received else {}

    @staticmethod
    def _batch(request: Request, one: Callable[[Request], Answer]) -> Answer:
        done: list[Answer] = []
        failed: list[Answer] = []
        for entry in request["Entries"]:
            try:
                done.append({"Id": entry["Id"], **one(entry)})
            except RefusedError as error:
                failed.append({"Id": entry["Id"], "Code": str(error), "SenderFault": True})
        return {"Successful": done, "Failed": failed}


def md5_of_attributes(attributes: Mapping[str, Mapping[str, str]]) -> str:
    """The checksum that SQS gives of string and number attributes, for a client to compare.

    (SQS developer guide, "Calculating the MD5 message digest for message attributes".)
    """
    parts: list[bytes] = []
    for name, attribute in sorted(attributes.items()):
        for part in (name, attribute["DataType"]):
            parts += _with_length(part)
        parts += [b"\1", *_with_length(attribute["StringValue"])]
    return _md5(b"".join(parts))


def _with_length(text: str) -> tuple[bytes, bytes]:
    encoded = text.encode()
    return struct.pack(">I", len(encoded)), encoded


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _handed_out(kept: Kept, request: Request) -> Answer:
    answer: Answer = {
        "MessageId": kept.message_id,
        "ReceiptHandle": kept.receipt_handle,
        "Body": kept.body,
        "MD5OfBody": _md5(kept.body.encode()),
    }
    known = {"ApproximateReceiveCount": str(kept.receives), "SentTimestamp": str(int(kept.sent_at * 1000))}
    told = _asked_for(known, [*request.get("AttributeNames", ()), *request.get("MessageSystemAttributeNames", ())])
    carried = _asked_for(kept.attributes, request.get("MessageAttributeNames", ()))
    if told:
        answer["Attributes"] = told
    if carried:
        answer |= {"MessageAttributes": carried, "MD5OfMessageAttributes": md5_of_attributes(carried)}
    return answer


def _asked_for(known: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name in names or "All" in names}


# ---- HTTP


async def serve(queue: StubQueue, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection's requests until it ends."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
            request = json.loads(await reader.readexactly(int(headers[b"content-length"])))
            action = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"x-amz-target: "))
            try:
                status, answer = "200 OK", await queue.answer(action.decode().rpartition(".")[2], request)
            except RefusedError as error:
                status, answer = "400 Bad Request", {"__type": f"com.amazonaws.sqs#{error}", "message": str(error)}
            body = json.dumps(answer).encode()
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\n"
                f"x-amzn-RequestId: {_REQUEST_ID}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
    writer.close()


async def _main(port: int) -> None:
    queue = StubQueue()
    server = await asyncio.start_server(lambda reader, writer: serve(queue, reader, writer), "127.0.0.1", port)
    print(READY, flush=True)  # noqa: T201 - what its parent waits for
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
