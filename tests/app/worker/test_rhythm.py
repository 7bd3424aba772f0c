import threading

from structlog.testing import LogCapture

from app.worker import in_rhythm
from tests.app.doubles.clock import TurnedClock


def test_does_it_again_when_it_said_and_no_more_afterwards() -> None:
    clock = TurnedClock()
    at: list[float] = []

    def tick() -> float:
        at.append(clock.monotonic())
        return 10

    with in_rhythm("test", tick, clock):
        for _ in range(6):
            clock.turn(5)
    assert at == [0, 10, 20, 30]
    assert "test" not in {thread.name for thread in threading.enumerate() if not thread.daemon}


def test_a_mistake_is_logged_and_ends_nothing(app_logs: LogCapture) -> None:
    clock = TurnedClock()
    at: list[float] = []

    def tick() -> float:
        at.append(clock.monotonic())
        if len(at) == 1:
            raise KeyError("a mistake")
        return 10

    with in_rhythm("test", tick, clock):
        clock.turn(4)
        clock.turn(1)
        clock.turn(10)
    assert at == [0, 5, 15]
    (logged,) = app_logs.entries
    assert (logged["event"], logged["rhythm"]) == ("worker.rhythm_failed", "test")
