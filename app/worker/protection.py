"""ECS task scale-in protection: while work is going on, ECS takes other tasks away first.

The agent of the task answers `PUT $ECS_AGENT_URI/task-protection/v1/state` (ECS developer guide, "Task scale-in
protection endpoint"). A failure never stops work: without protection, a task that is stopped gives its work back.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Protocol
from urllib.request import ProxyHandler, Request, build_opener

import structlog
from structlog.typing import FilteringBoundLogger

from app.bounded import bounded
from app.clock import Clock

log: FilteringBoundLogger = structlog.get_logger(__name__)

PROTECTED_MINUTES = 15
"""For how long protection is asked for, from 1 to 2880: a worker that dies does not keep its task for longer."""

_RENEW_SECONDS = PROTECTED_MINUTES * 60 / 3
_IDLE_SECONDS = 10.0
"""For how long nothing must go on before protection is given up: not for every pause between two messages."""
_RETRY_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_ANSWER_SECONDS = 5.0
_DIRECTLY = build_opener(ProxyHandler({}))
"""The agent's address is the machine's own: a proxy that the environment names for the world cannot reach it."""


class Protect(Protocol):
    """Asks for protection, or gives it up."""

    def __call__(self, *, enabled: bool) -> None:
        """Ask.

        Raises:
            OSError: The agent cannot be reached, or answers with an error.
            ValueError: It answers what is no yes.
            HTTPException: It does not answer in HTTP.
        """
        ...


def ecs_agent(uri: str) -> Protect:
    """The agent of the task that this runs in.

    Args:
        uri: What ECS gives a container as `ECS_AGENT_URI`.
    """

    def protect(*, enabled: bool) -> None:
        state: dict[str, object] = {"ProtectionEnabled": enabled}
        if enabled:
            state["ExpiresInMinutes"] = PROTECTED_MINUTES
        request = Request(  # noqa: S310 - ECS's own address, from the environment that ECS makes
            f"{uri.rstrip('/')}/task-protection/v1/state",
            data=json.dumps(state).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        with _DIRECTLY.open(request, timeout=_ANSWER_SECONDS) as answer:
            told = json.loads(answer.read())
        if answer.status != HTTPStatus.OK or "failure" in told or "error" in told:
            raise ValueError(f"the agent says {bounded(json.dumps(told))}")

    return protect


class ScaleInProtection:
    """Protects the task while it is busy.

    Args:
        protect: How.
        is_busy: Whether work is going on.
        clock: The time.
    """

    def __init__(self, protect: Protect, is_busy: Callable[[], bool], clock: Clock) -> None:
        self._protect = protect
        self._is_busy = is_busy
        self._clock = clock
        self._is_protected = False
        self._may_last_until = 0.0
        """Until when the task may be protected: a request may have been carried out though its answer never came."""
        self._busy_at = self._renew_at = self._retry_at = 0.0

    def tick(self) -> float:
        """Ask for what is due.

        Returns:
            In how many seconds to look again.
        """
        now = self._clock.monotonic()
        busy = self._is_busy()
        if busy:
            self._busy_at = now
        may_be_protected = now < self._may_last_until
        wanted = busy or (may_be_protected and now - self._busy_at < _IDLE_SECONDS)
        if (wanted or may_be_protected) and now >= self._due_at(wanted=wanted):
            self._ask(now, wanted=wanted)
        return _LOOK_SECONDS

    def release(self) -> None:
        """Give protection up: the work is over."""
        now = self._clock.monotonic()
        if now < self._may_last_until:
            self._ask(now, wanted=False)

    def _due_at(self, *, wanted: bool) -> float:
        """A change is due at once, a renewal after a while, and what failed after a pause."""
        return max(self._retry_at, self._renew_at if wanted and self._is_protected else 0.0)

    def _ask(self, now: float, *, wanted: bool) -> None:
        if wanted:
            self._may_last_until = now + _ANSWER_SECONDS + PROTECTED_MINUTES * 60
        try:
            self._protect(enabled=wanted)
        except (OSError, ValueError, HTTPException) as error:
            self._retry_at = now + _RETRY_SECONDS
            log.warning("protection.failed", wanted=wanted, cause=bounded(error))
            return
        if wanted != self._is_protected:
            log.info("protection.changed", protected=wanted)
        self._is_protected = wanted
        if not wanted:
            self._may_last_until = 0.0
        self._renew_at = now + _RENEW_SECONDS
