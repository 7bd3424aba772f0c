"""What OpenTelemetry's SDK has to complain of, as lines of our log: each complaint once, and without a traceback.

Telemetry is a side issue: a collector that is down for a day must not fill the log, nor look like a fault of the work.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.typing import FilteringBoundLogger

from app.bounded import bounded

log: FilteringBoundLogger = structlog.get_logger(__name__)

_LOGGER = "opentelemetry"


class _Once(logging.Handler):
    """Passes on what has not been said before; the values in it do not make it another."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: set[tuple[str, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        said = (record.name, str(record.msg))
        if said not in self._said:
            self._said.add(said)
            log.warning("telemetry.sdk_complained", of=record.name, detail=bounded(_words(record)))


def _words(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


@contextmanager
def sdk_logs_told() -> Iterator[None]:
    """Have the SDK's own log lines in ours meanwhile."""
    logger = logging.getLogger(_LOGGER)
    handler, propagated = _Once(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagated
        logger.removeHandler(handler)
