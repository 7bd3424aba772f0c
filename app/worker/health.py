"""Whether the worker is alive and ready, for the container's health checks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from app.clock import Clock

_STANDSTILL_SECONDS = 180.0
"""From when on a loop that has not turned is stuck: a poll, with its retries and the pause after it, takes less."""


class Health:
    """What the worker's loop says of itself.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turned_at = clock.monotonic()
        self._has_received = False
        self._is_stopping = False

    def turned(self) -> None:
        """The loop goes round."""
        self._turned_at = self._clock.monotonic()

    def received(self, *, well: bool) -> None:
        """A poll was answered, or not; or the store was not."""
        self._has_received = well

    def stopping(self) -> None:
        """No more is received from here on."""
        self._is_stopping = True

    @property
    def is_live(self) -> bool:
        """Whether the loop goes round, or is stopping as it should. If not, replace the container."""
        return self._is_stopping or self._clock.monotonic() - self._turned_at < _STANDSTILL_SECONDS

    @property
    def is_ready(self) -> bool:
        """Whether the newest poll was answered and more will follow."""
        return self._has_received and not self._is_stopping


@contextmanager
def health_port(health: Health, port: int) -> Iterator[int]:
    """Answer `GET /live` and `GET /ready` on the loopback interface within: 200 for yes, 503 for no.

    Args:
        health: Who is asked.
        port: Where to listen; 0 for any that is free.

    Yields:
        The port.

    Raises:
        OSError: The port cannot be had.
    """
    answers: dict[str, Callable[[], bool]] = {"/live": lambda: health.is_live, "/ready": lambda: health.is_ready}

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            asked = answers.get(self.path)
            if asked is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            well = asked()
            body = json.dumps({self.path.removeprefix("/"): well}).encode()
            self.send_response(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing: a check every few seconds is no event."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, name="health", daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
