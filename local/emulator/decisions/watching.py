"""One request watched: what is decided about it is in the log before the client has its answer."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from local.emulator import origin
from local.emulator.decisions import errors
from local.emulator.decisions.decision import Decider, Decision, Verdict
from local.emulator.decisions.event import REFUSALS, Answer, Request, event
from local.emulator.decisions.log import DecisionLog

Message = dict[str, Any]
"""An ASGI message."""
Send = Callable[[Message], Awaitable[None]]

_as_json: Final = json.JSONEncoder(separators=(",", ":")).encode  # made once, since requests wait for it


@dataclass
class Watched:
    """One request, from its arrival until its decisions are logged.

    Args:
        scope: Its ASGI scope.
        log: Where its decisions are kept.
        operation: The API's operation, once it is known.
        decisions: What has been decided so far.
    """

    scope: Message
    log: DecisionLog
    operation: str | None = None
    decisions: list[Decision] = field(default_factory=list)
    _start: Message | None = None

    def amend(self, verdict: Verdict, by: tuple[Decider, ...]) -> None:
        """Gives the last decision, if there is one, another verdict: a further policy was asked.

        Args:
            verdict: What came of it.
            by: The statements that decided now.
        """
        self.decisions[-1:] = [replace(one, verdict=verdict, by=by) for one in self.decisions[-1:]]

    def sending(self, send: Send) -> Send:
        """Wraps ASGI's send, so that the decisions are in the log before the client has its answer.

        Args:
            send: The one to wrap.
        """

        async def logging_first(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= HTTPStatus.BAD_REQUEST:
                self._start = message  # held back until its body says what is wrong
                return
            if self._start is not None:
                start, self._start = self._start, None
                self.write(errors.answer(start, message.get("body", b"")))
                await send(start)
            elif message["type"] == "http.response.start":
                self.write(errors.answer(message))
            await send(message)

        return logging_first

    def write(self, answer: Answer) -> None:
        """Logs what has been decided; what is decided later, if anything, is logged by the next call.

        Args:
            answer: How the request was answered.
        """
        if not self.decisions:
            return
        if answer.error_code in REFUSALS and all(one.verdict is Verdict.ALLOWED for one in self.decisions):
            self.amend(Verdict.IMPLICIT_DENY, ())  # by a rule of the service's, such as that only the owner may do it
        decided, self.decisions = self.decisions, []
        refused = [one for one in decided if one.verdict is not Verdict.ALLOWED]
        fine = Answer(answer.time, answer.request_id) if refused else answer
        request = self._request()
        events = [event(one, request, answer if one in refused else fine) for one in decided]
        self.log.append(f"{_as_json(one)}\n".encode() for one in events)

    def _request(self) -> Request:
        headers = {name.lower(): value for name, value in self.scope["headers"]}
        return Request(
            method=self.scope["method"],
            operation=self.operation,
            user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
            host=headers.get(b"host", b"").decode("latin-1"),
            address=(self.scope.get("client") or ("127.0.0.1",))[0],
            vpc_endpoint_id=endpoint.endpoint_id if (endpoint := origin.endpoint()) else None,
            tls=headers.get(b"x-forwarded-proto") == b"https",
        )


_watched: ContextVar[Watched | None] = ContextVar("watched", default=None)


def current() -> Watched | None:
    """Gives the request that is being answered; None outside of any."""
    return _watched.get()


def leave() -> None:
    """Ends the watch in the current context: what goes on after the answer is nobody's request any more."""
    _watched.set(None)


@contextmanager
def watching(scope: Message, log: DecisionLog) -> Iterator[Watched]:
    """Watches over a request; what it has decided is logged at the end at the latest, even if nobody waits for it.

    Args:
        scope: Its ASGI scope, with the headers that MiniStack sees.
        log: Where its decisions are kept.
    """
    watched = Watched(scope, log)
    token = _watched.set(watched)
    try:
        yield watched
    finally:
        _watched.reset(token)
        if watched.decisions:
            watched.write(Answer(datetime.now(UTC)))
