import pytest

from app.shutdown import Shutdown
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.dead_letters import FakeDeadLetters


@pytest.fixture
def dead_letters(fake_clock: FakeClock) -> FakeDeadLetters:
    return FakeDeadLetters(fake_clock)


@pytest.fixture
def shutdown(fake_clock: FakeClock) -> Shutdown:
    return Shutdown(fake_clock)
