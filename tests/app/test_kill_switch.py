import threading

import pytest
from botocore.exceptions import EndpointConnectionError
from structlog.testing import LogCapture

from app.kill_switch import KillSwitch
from tests.app.doubles.clock import FakeClock, TurnedClock
from tests.app.doubles.sqs import aws_error


class Parameter:
    """A parameter whose value, or failure, a test sets."""

    def __init__(self, value: str | Exception) -> None:
        self.value = value
        self.reads = 0
        self.readers: set[str] = set()

    def read(self) -> str:
        self.reads += 1
        self.readers.add(threading.current_thread().name)
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


def switch(parameter: Parameter, clock: FakeClock, *, enabled: bool = True) -> KillSwitch:
    return KillSwitch(enabled=enabled, read_parameter=parameter.read, clock=clock, cache_seconds=10)


def test_without_a_parameter_the_variable_decides(fake_clock: FakeClock) -> None:
    for enabled in (True, False):
        assert KillSwitch(enabled=enabled, read_parameter=None, clock=fake_clock).is_on() is enabled


def test_off_by_variable_asks_nobody(fake_clock: FakeClock) -> None:
    parameter = Parameter("true")
    assert not switch(parameter, fake_clock, enabled=False).is_on()
    assert parameter.reads == 0


def test_a_change_is_seen_within_the_cache_time_and_not_asked_for_before(
    fake_clock: FakeClock, app_logs: LogCapture
) -> None:
    parameter = Parameter("true")
    tested = switch(parameter, fake_clock)
    assert tested.is_on()
    parameter.value = "false"
    fake_clock.advance(9.9)
    assert tested.is_on()
    assert parameter.reads == 1
    fake_clock.advance(0.1)
    assert not tested.is_on()
    parameter.value = " TRUE\n"
    fake_clock.advance(10)
    assert tested.is_on()
    assert [entry["event"] for entry in app_logs.entries] == ["kill_switch.changed"] * 2


TORN = [KeyError("Parameter"), TypeError("'NoneType' object is not subscriptable"), AttributeError("strip")]
FAILURES = [
    *TORN,
    aws_error("AccessDeniedException", "GetParameter"),
    aws_error("ParameterNotFound", "GetParameter"),
    aws_error("ThrottlingException", "GetParameter"),
    EndpointConnectionError(endpoint_url="https://ssm"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "torn"),
    "perhaps",
]


@pytest.mark.parametrize("failure", FAILURES, ids=str)
@pytest.mark.parametrize("known", ["true", "false"])
def test_the_last_known_value_holds_when_it_cannot_be_read(
    failure: str | Exception, known: str, fake_clock: FakeClock, app_logs: LogCapture
) -> None:
    parameter = Parameter(known)
    tested = switch(parameter, fake_clock)
    assert tested.is_on() is (known == "true")
    parameter.value = failure
    fake_clock.advance(10)
    assert tested.is_on() is (known == "true")
    assert app_logs.entries[-1]["event"] == "kill_switch.unreadable"


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_as_long_as_none_is_known_it_is_off_and_the_failure_is_cached(
    failure: str | Exception, fake_clock: FakeClock, app_logs: LogCapture
) -> None:
    parameter = Parameter(failure)
    tested = switch(parameter, fake_clock)
    assert not tested.is_on()
    assert not tested.is_on()
    assert parameter.reads == 1
    assert (app_logs.entries[-1]["known"], app_logs.entries[-1]["on"]) == (False, False)
    parameter.value = "true"
    fake_clock.advance(10)
    assert tested.is_on()


def test_in_the_background_a_change_is_seen_within_the_time_and_asking_waits_for_nothing() -> None:
    clock = TurnedClock()
    parameter = Parameter("true")
    tested = switch(parameter, clock)
    with tested.refreshing():
        assert tested.is_on()
        parameter.value = "false"
        clock.turn(9.9)
        assert tested.is_on()
        clock.turn(0.1)
        assert not tested.is_on()
        parameter.value = EndpointConnectionError(endpoint_url="https://ssm")
        clock.turn(10)
        assert not tested.is_on()
        parameter.value = "on"
        clock.turn(10)
        assert tested.is_on()
        assert parameter.readers == {"MainThread", "kill-switch"}
        reads = parameter.reads
        assert all(tested.is_on() for _ in range(100))
        assert parameter.reads == reads == 4


def test_the_background_ends_with_its_use_and_the_switch_asks_by_itself_again() -> None:
    clock = TurnedClock()
    parameter = Parameter("true")
    tested = switch(parameter, clock)
    with tested.refreshing():
        assert "kill-switch" in {thread.name for thread in threading.enumerate()}
    assert "kill-switch" not in {thread.name for thread in threading.enumerate()}
    parameter.value = "false"
    clock.advance(10)
    assert not tested.is_on()


def test_where_ssm_cannot_be_reached_at_the_start_it_is_off_until_it_answers() -> None:
    clock = TurnedClock()
    parameter = Parameter(EndpointConnectionError(endpoint_url="https://ssm"))
    tested = switch(parameter, clock)
    with tested.refreshing():
        assert not tested.is_on()
        parameter.value = "true"
        clock.turn(10)
        assert tested.is_on()


def test_without_a_parameter_nothing_runs_in_the_background(fake_clock: FakeClock) -> None:
    tested = KillSwitch(enabled=True, read_parameter=None, clock=fake_clock)
    with tested.refreshing():
        assert tested.is_on()
        assert "kill-switch" not in {thread.name for thread in threading.enumerate()}
