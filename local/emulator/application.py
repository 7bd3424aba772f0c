"""The ASGI application: MiniStack with the layer installed, and the layer's own two paths.

Importing this module imports MiniStack, which reads its settings from the environment then: server.py sets them first.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from ministack import app as ministack

from local.emulator import (
    alarms,
    denials,
    identities,
    metrics,
    network,
    origin,
    receipts,
    refusals,
    resources,
    task_credentials,
)
from local.emulator.decisions import noting, watching
from local.emulator.decisions.log import DecisionLog
from local.emulator.durable import keeping
from local.emulator.durable.changes import Changes
from local.emulator.move_tasks import actions as move_tasks

Scope = dict[str, Any]
"""An ASGI scope; its values differ by key (https://asgi.readthedocs.io/en/latest/specs/www.html)."""
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)

HEALTH_PATH: Final = "/_local/health"
TASK_CREDENTIALS_PATH: Final = "/_local/task-credentials"


async def _answer(send: Send, status: HTTPStatus, document: dict[str, str]) -> None:
    body = json.dumps(document).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_locally(scope: Scope, send: Send, instance: str) -> None:
    """Answers the paths that begin with an underscore: the layer's own, none of MiniStack's (as its reset)."""
    path = scope["path"]
    if path == HEALTH_PATH:
        await _answer(send, HTTPStatus.OK, {"instance": instance})
        return
    if path == TASK_CREDENTIALS_PATH:
        asked = parse_qs(scope["query_string"].decode()).get("role", [""])[0]
        given = task_credentials.issue(asked)
        if isinstance(given, task_credentials.Refusal):
            await _answer(send, HTTPStatus.FORBIDDEN, {"code": given.code, "message": given.message})
        else:
            await _answer(send, HTTPStatus.OK, given)
        return
    await _answer(send, HTTPStatus.NOT_FOUND, {"code": "NotFound", "message": f"nothing answers at {path}"})


async def _live(receive: Receive, send: Send) -> None:
    """Follows ASGI's lifespan by itself.

    MiniStack's own would start schedulers, an MQTT listener and a sweep of Docker containers, and run start-up scripts
    that it finds on the machine: nothing that this project wants.
    """
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def install(journal: Path | None) -> Changes | None:
    """Installs every part of the layer into MiniStack, and makes the account's network.

    Args:
        journal: Where the account is kept, and restored from; None keeps it in memory only.

    Returns:
        What has to be written before an answer goes out; None if nothing is kept.

    Raises:
        SeamError: The installed MiniStack is another one than the layer was written against.
    """
    for part in (noting, origin, identities, resources, denials, refusals, receipts, alarms, metrics, move_tasks):
        part.install()
    if journal is not None:
        return keeping.install(journal, network.create)
    network.create()
    return None


async def keep_sampling() -> None:
    """Samples the queues and evaluates the alarms for ever, whether or not anybody asks."""
    while True:
        try:
            metrics.sample()
        except Exception:  # noqa: BLE001 - a record that this layer does not expect must not end all sampling
            _log.exception("could not sample the queues")
        await asyncio.sleep(metrics.SAMPLE_SECONDS)


def application(instance: str, vpc_port: int, log: DecisionLog, changes: Changes | None = None) -> Application:
    """Makes the application.

    Args:
        instance: The id of this process's run, told by the health path.
        vpc_port: The port of the listener that stands for the VPC's endpoint; all others are public.
        log: Where every decision about access is kept.
        changes: What has to be written before an answer goes out, if anything is kept.

    Returns:
        An ASGI application.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            await ministack.app(scope, receive, send)
            return
        if changes is not None:
            send = changes.before_answering(send)
        origin.pin(scope["headers"], through_vpc_endpoint=scope["server"][1] == vpc_port)
        scope = scope | {"headers": origin.with_transport(scope["headers"])}
        with watching.watching(scope, log) as watched:
            if scope["path"].startswith("/_"):
                await _answer_locally(scope, watched.sending(send), instance)
            else:
                await ministack.app(scope, receive, watched.sending(send))

    return serve
