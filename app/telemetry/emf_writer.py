"""Writing the metrics as log lines, a minute's together, beside the work."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import structlog

from app.clock import Clock
from app.telemetry.emf import Deltas, Heading, emf_lines
from app.telemetry.registry import Registry

_END_SECONDS = 2.0


class EmfWriter:
    """Writes what a process's instruments say. Safe to use from several threads.

    Args:
        registry: The instruments.
        stream: Where the log goes.
        clock: The time.
        heading: What every line says.
    """

    def __init__(self, registry: Registry, stream: TextIO, clock: Clock, heading: Heading) -> None:
        self._registry = registry
        # The logs' own way to the stream, and their lock on it: a line is never torn by another.
        self._out = structlog.WriteLogger(stream)
        self._clock = clock
        self._heading = heading
        self._deltas = Deltas()
        self._lock = threading.Lock()
        self._process = os.getpid()

    def write(self) -> None:
        """Write what is new since the last time. Raises nothing: a log that is closed is no reason not to work.

        A forked child has a copy of the numbers, and writes none of them: they are its parent's.
        """
        if os.getpid() != self._process:
            return
        with self._lock:
            now_ms = round(self._clock.now().timestamp() * 1000)
            lines = emf_lines(self._registry.collect(), self._deltas, self._heading, now_ms)
            for line in lines:
                with suppress(OSError, ValueError):
                    self._out.msg(line)

    @contextmanager
    def writing(self, period_seconds: float) -> Iterator[None]:
        """Write now and then within, and once more at the end, however that comes.

        Args:
            period_seconds: How often.
        """
        ended = threading.Event()

        def run() -> None:
            while not self._clock.wait(ended, period_seconds):
                self.write()
            self.write()

        thread = threading.Thread(target=run, name="metrics", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(_END_SECONDS)  # it may be waiting for a store: then the end does not wait with it
