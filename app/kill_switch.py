"""The switch that stops publishing: `ENABLE_SQS`, and a Systems Manager parameter that works without a deployment."""

import threading
from collections.abc import Callable

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AWS_ERRORS, AwsFailure
from app.bounded import bounded
from app.clock import Clock

log: FilteringBoundLogger = structlog.get_logger(__name__)

_WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class KillSwitch:
    """Whether messages may be published now.

    `ENABLE_SQS=false` decides alone. Otherwise the parameter does, if one is named: its value is asked for at most
    once in `cache_seconds`, so that a change is seen within that time. When it cannot be read, or holds neither true
    nor false, its last known value holds; where none is known yet, `ENABLE_SQS` does.

    Safe to use from several threads.

    Args:
        enabled: `ENABLE_SQS`.
        read_parameter: Reads the parameter's value; None where no parameter is named.
        clock: The time.
        cache_seconds: How long a value, or the failure to read one, holds before it is asked for again.
    """

    def __init__(
        self, *, enabled: bool, read_parameter: Callable[[], str] | None, clock: Clock, cache_seconds: float = 10.0
    ) -> None:
        self._enabled = enabled
        self._read_parameter = read_parameter
        self._clock = clock
        self._cache_seconds = cache_seconds
        self._lock = threading.Lock()
        self._known = enabled
        self._asked_at: float | None = None

    def is_on(self) -> bool:
        """Whether messages may be published now."""
        if not self._enabled or self._read_parameter is None:
            return self._enabled
        with self._lock:
            now = self._clock.monotonic()
            if self._asked_at is None or now - self._asked_at >= self._cache_seconds:
                self._ask(self._read_parameter)
                self._asked_at = now
            return self._known

    def _ask(self, read_parameter: Callable[[], str]) -> None:
        try:
            text = read_parameter()
        except AWS_ERRORS as error:
            log.warning("kill_switch.unreadable", on=self._known, **AwsFailure.of(error).fields)
            return
        value = _WORDS.get(text.strip().lower())
        if value is None:
            log.warning("kill_switch.unreadable", on=self._known, value=bounded(text, 40), allowed="true or false")
        elif value != self._known:
            self._known = value
            log.warning("kill_switch.changed", on=value)
