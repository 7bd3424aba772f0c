"""microburst as these tests need it: `python -m tests.faults.proxy <seed> <microburst's own arguments>`.

Beside its control API nothing of it is used but its command line. What is put right before it starts:

- Chance comes from the seed, in corrupted answers too.
- An error of SQS carries the code that AWS's own service model gives it for clients of the query protocol. Not all have
  the prefix that microburst gives to all, and with it botocore takes no throttling for throttling
  (https://github.com/aws/api-models-aws, models/sqs, the trait aws.protocols#awsQueryError).
- An answer keeps its Content-Length, which microburst takes away: S3's have one, and a client tells a torn one by it.
- For PostgreSQL, `partial_rows: 0` loses any answer, once the statement has been carried out; a COMMIT's has no rows.
- A rule's `resource` is looked for in the whole path of an object, not in its bucket's name alone.
- It looks for no other services than those that are used here, which would take its first request over three seconds.
"""

import os
import random
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from microburst import cli, detection, forward, protocols
from microburst.detection import host
from microburst.pg import server as postgresql
from multidict import CIMultiDict

from tests.faults.envelopes import QUERY_CODES

_READY = b"Z"
SERVICES = {"s3": "s3", "sqs": "sqs", "ssm": "ssm"}
Rendered = tuple[int, dict[str, str], bytes]


def prepare(seed: int) -> None:
    """Put microburst right; see the module's own words."""
    random.seed(seed)
    forward.secrets.randbelow = random.randrange
    host._endpoint_prefix_map = lambda: SERVICES
    detection.resource_hint = _whole_path(detection.resource_hint)
    forward.HOP_BY_HOP = forward.HOP_BY_HOP - {"content-length"}
    forward.Upstream._outbound_headers = _without_length(forward.Upstream._outbound_headers)
    forward._stream_to_client = _with_length(forward._stream_to_client)
    postgresql.PgConnection._relay_response = _losing_answers(postgresql.PgConnection._relay_response)
    from microburst.effects import error  # noqa: PLC0415 - holds a name of its own for what is replaced

    error.render_error = _with_query_code(protocols.render_error)


def _whole_path(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def hint(service: str | None, operation: str | None, path: str, body: bytes | None) -> str | None:
        return path if service == "s3" else original(service, operation, path, body)

    return hint


def _without_length(original: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    """A request's own is set by whatever sends it on."""

    def headers(upstream: object, request: object) -> dict[str, str]:
        return {name: value for name, value in original(upstream, request).items() if name != "content-length"}

    return headers


def _with_length(original: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """Spelled as microburst looks for it, where it cuts an answer short."""

    async def stream(
        request: object, status: int, headers: Mapping[str, str], mutator: object, chunks: object
    ) -> object:
        spelled = {"content-length": "Content-Length"}
        kept = CIMultiDict((spelled.get(name.lower(), name), value) for name, value in headers.items())
        return await original(request, status, kept, mutator, chunks)

    return stream


def _losing_answers(original: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    async def relay(connection: Any, partial_rows: int | None = None, event: object = None) -> str:  # noqa: ANN401 - microburst's own
        if partial_rows != 0:
            return await original(connection, partial_rows=partial_rows, event=event)
        with suppress(EOFError, ConnectionError):
            while (message := await postgresql.read_frame(connection.ureader)) and message[0] != _READY:
                pass
        connection._abort_client()
        return "closed"

    return relay


def _with_query_code(original: Callable[..., Rendered]) -> Callable[..., Rendered]:
    def render(service: str | None, code: str, *arguments: Any, **options: Any) -> Rendered:  # noqa: ANN401 - microburst's own
        status, headers, body = original(service, code, *arguments, **options)
        if service == "sqs" and code in QUERY_CODES:
            headers["x-amzn-query-error"] = f"{QUERY_CODES[code]};{'Sender' if status < 500 else 'Receiver'}"
        return status, headers, body

    return render


def _end_with_who_started_it() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_who_started_it, daemon=True).start()
    prepare(int(sys.argv[1]))
    sys.exit(cli.main(sys.argv[2:]))
