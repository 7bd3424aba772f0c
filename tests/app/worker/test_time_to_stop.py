import signal

from app.shutdown import Shutdown
from app.worker.time_to_stop import TimeToStop
from tests.app.doubles.clock import FakeClock


def test_it_counts_from_the_signal_and_its_last_fifth_is_for_giving_back(fake_clock: FakeClock) -> None:
    shutdown = Shutdown(fake_clock)
    left = TimeToStop(shutdown, fake_clock, 25)
    fake_clock.advance(1000)
    assert (left.to_finish(), left.to_give_back()) == (20, 5)
    shutdown.request(signal.SIGTERM)
    for passes, finishing, giving_back in ((15, 5, 5), (7, 0, 3), (20, 0, 1)):  # the rest of a long poll, then jobs
        fake_clock.advance(passes)
        assert (left.to_finish(), left.to_give_back()) == (finishing, giving_back)


def test_giving_back_has_five_seconds_at_most(fake_clock: FakeClock) -> None:
    assert TimeToStop(Shutdown(fake_clock), fake_clock, 120).to_finish() == 115
    assert TimeToStop(Shutdown(fake_clock), fake_clock, 5).to_finish() == 4
