"""The switch that stops publishing: `ENABLE_SQS`, and a Systems Manager parameter that works without a deployment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from structlog.typing import FilteringBoundLogger

from app.aws_failures import AwsFailure
from app.bounded import bounded
from app.clock import Clock

log: FilteringBoundLogger = structlog.get_logger(__name__)

WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
"""What the parameter may say."""
_END_SECONDS = 5.0


class KillSwitch:
    """Whether messages may be published now.

    `ENABLE_SQS=false` decides alone. Otherwise the parameter does, if one is named. When it cannot be read, or holds
    neither true nor false, its last known value holds. As long as none is known, the switch is off: what is kept is
    published later, what is sent cannot be taken back.

    A long-running process reads the parameter beside its work (`refreshing`): a change is seen within `cache_seconds`
    and the time of one read. A short one asks as it goes: within `cache_seconds`, and the asking waits for the answer.

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
        self._read_parameter = read_parameter if enabled else None
        self._clock = clock
        self._cache_seconds = cache_seconds
        self._lock = threading.Lock()
        self._known: bool | None = enabled if self._read_parameter is None else None
        self._asked_at: float | None = None
        self._is_refreshing = False

    def is_on(self) -> bool:
        """Whether messages may be published now."""
        if self._read_parameter is not None and not self._is_refreshing:
            self._refresh_if_old(self._read_parameter)
        return self._known is True

    @property
    def last_known(self) -> bool | None:
        """What it was when it was last read; None as long as nothing is known. Reads nothing by itself."""
        return self._known

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        """Read the parameter now, and within in a thread of its own; asking the switch then waits for nothing."""
        if self._read_parameter is None:
            yield
            return
        ended = threading.Event()
        self._ask(self._read_parameter)
        self._is_refreshing = True
        thread = threading.Thread(
            target=self._keep_asking, args=(self._read_parameter, ended), name="kill-switch", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(_END_SECONDS)  # a read that hangs is left behind: it keeps no process from ending
            self._is_refreshing = False

    def _keep_asking(self, read_parameter: Callable[[], str], ended: threading.Event) -> None:
        while not self._clock.wait(ended, self._cache_seconds):
            self._ask(read_parameter)

    def _refresh_if_old(self, read_parameter: Callable[[], str]) -> None:
        with self._lock:
            now = self._clock.monotonic()
            if self._asked_at is None or now - self._asked_at >= self._cache_seconds:
                self._ask(read_parameter)
                self._asked_at = now

    def _ask(self, read_parameter: Callable[[], str]) -> None:
        try:
            text = read_parameter().strip()
        except Exception as error:  # noqa: BLE001 - a torn answer may raise anything, and must not end the refreshing
            self._log_unreadable(**AwsFailure.of(error).fields)
            return
        value = WORDS.get(text.lower())
        if value is None:
            self._log_unreadable(value=bounded(text, 40), allowed="true or false")
        elif value is not self._known:
            if self._known is not None or not value:  # to be on from the start is no news
                log.warning("kill_switch.changed", on=value)
            self._known = value

    def _log_unreadable(self, **why: str) -> None:
        log.warning("kill_switch.unreadable", on=self._known is True, known=self._known is not None, **why)
