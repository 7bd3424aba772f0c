"""How the time to stop is divided."""

from app.clock import Clock
from app.shutdown import Shutdown

_GIVE_BACK_SECONDS = 5.0
_GIVE_BACK_SHARE = 0.2
"""Which part of the time to stop is kept for giving back what does not finish, up to the above."""
_LEAST_GIVE_BACK_SECONDS = 1.0


class TimeToStop:
    """What is left of the time to stop; it runs from the signal on, and stands still without one.

    Args:
        shutdown: What knows of the signal.
        clock: The time.
        seconds: How long it may take to stop.
    """

    def __init__(self, shutdown: Shutdown, clock: Clock, seconds: float) -> None:
        self._shutdown = shutdown
        self._clock = clock
        self._seconds = seconds

    def to_finish(self) -> float:
        """How long jobs and polls may still take, in seconds: all of the time but what giving back may need."""
        for_giving_back = min(_GIVE_BACK_SECONDS, self._seconds * _GIVE_BACK_SHARE)
        return max(0.0, self.to_stop() - for_giving_back)

    def to_give_back(self) -> float:
        """How long giving back may take, in seconds: a little even if nothing is left."""
        return min(_GIVE_BACK_SECONDS, max(_LEAST_GIVE_BACK_SECONDS, self.to_stop()))

    def to_stop(self) -> float:
        """All that is left, in seconds; below 0 once it is overdrawn."""
        asked_at = self._shutdown.requested_at
        passed = 0.0 if asked_at is None else self._clock.monotonic() - asked_at
        return self._seconds - passed
