"""A server that answers SQS's two sends at once and keeps nothing: `python -m bench.stub_queue PORT`."""

import asyncio
import hashlib
import json
import sys
from contextlib import suppress

_ID = "00000000-0000-4000-8000-000000000000"
READY = "listening"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n") if b": " in line)
            request = json.loads(await reader.readexactly(int(headers[b"content-length"])))
            answer = json.dumps(_answer(request)).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
                + f"x-amzn-RequestId: {_ID}\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
                + answer
            )
    writer.close()


def _answer(request: dict[str, object]) -> dict[str, object]:
    entries = request.get("Entries")
    if isinstance(entries, list):
        return {"Successful": [{"Id": entry["Id"], **_taken(entry["MessageBody"])} for entry in entries]}
    return {**_taken(str(request["MessageBody"]))}


def _taken(body: str) -> dict[str, str]:
    return {"MessageId": _ID, "MD5OfMessageBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()}


async def _main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port)
    print(READY, flush=True)  # noqa: T201 - what its parent waits for
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
