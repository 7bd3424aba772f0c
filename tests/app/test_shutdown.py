import os
import signal

from app.shutdown import Shutdown
from tests.app.doubles.clock import FakeClock


def test_the_first_signal_asks_and_the_second_exits(fake_clock: FakeClock) -> None:
    exits: list[int] = []
    shutdown = Shutdown(fake_clock, exit_now=exits.append)
    assert not shutdown.is_requested
    with shutdown.installed():
        fake_clock.advance(3)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (shutdown.is_requested, shutdown.requested_at, exits) == (True, 3, [])
        os.kill(os.getpid(), signal.SIGINT)
        assert exits == [128 + signal.SIGINT]


def test_the_handlers_of_before_come_back(fake_clock: FakeClock) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with Shutdown(fake_clock).installed():
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_pause_ends_with_the_time_or_with_a_signal(fake_clock: FakeClock) -> None:
    shutdown = Shutdown(fake_clock)
    shutdown.pause(2.2)
    assert fake_clock.monotonic() == 2.2
    shutdown.request(signal.SIGTERM)
    shutdown.pause(100)
    assert fake_clock.monotonic() == 2.2


def test_a_signal_is_seen_within_half_a_second(fake_clock: FakeClock) -> None:
    Shutdown(fake_clock).pause(10)
    assert max(fake_clock.waits) <= 0.5
