import io
import json
import os
import threading
from collections.abc import Callable

import pytest

from app.models import Scores
from app.telemetry.emf import Heading
from app.telemetry.emf_writer import EmfWriter
from app.telemetry.instruments import Description, Kind
from app.telemetry.registry import Registry
from app.worker.processes import ProcessLimits, ProcessPredictor
from tests.app.doubles.clock import FakeClock, TurnedClock
from tests.app.doubles.emf import Seen, read

SENT = Description("sent", Kind.COUNTER, "{message}", "Messages")
HEADING = Heading("RetainWise", {}, {})


@pytest.fixture
def registry() -> Registry:
    return Registry({})


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def seen(stream: io.StringIO) -> list[Seen]:
    return [each for line in stream.getvalue().splitlines() for each in read(line)]


def test_a_period_has_what_came_in_it(registry: Registry, stream: io.StringIO) -> None:
    clock = TurnedClock()
    counter = registry.counter(SENT)
    with EmfWriter(registry, stream, clock, HEADING).writing(60):
        counter.add(amount=5)
        clock.turn(59)
        assert stream.getvalue() == ""
        clock.turn(1)
        counter.add(amount=2)
        clock.turn(60)
        clock.turn(60)
        assert [each.values for each in seen(stream)] == [[5], [2]]
        counter.add()
    assert [each.values for each in seen(stream)] == [[5], [2], [1]]
    times = [json.loads(line)["_aws"]["Timestamp"] for line in stream.getvalue().splitlines()]
    start = TurnedClock().now().timestamp() * 1000
    assert times == [start + 60_000, start + 120_000, start + 180_000]


def test_the_end_is_written_whatever_it_is(registry: Registry, stream: io.StringIO) -> None:
    def fail() -> None:
        registry.counter(SENT).add()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), EmfWriter(registry, stream, TurnedClock(), HEADING).writing(60):
        fail()
    assert [each.values for each in seen(stream)] == [[1]]


class Broken(io.StringIO):
    """A stream at whose other end nobody is any more."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_a_log_that_is_closed_harms_no_work(registry: Registry) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (closed, Broken()):
        writer = EmfWriter(registry, stream, FakeClock(), HEADING)
        registry.counter(SENT).add()
        writer.write()
        with writer.writing(60):
            registry.counter(SENT).add()


def test_the_end_waits_for_no_number_that_cannot_be_had(
    registry: Registry, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.telemetry.emf_writer._END_SECONDS", 0.05)
    may_answer, asked = threading.Event(), threading.Event()

    def hangs() -> float:
        asked.set()
        assert may_answer.wait(30)
        return 1

    registry.observe_one(Description("backlog", Kind.GAUGE, "1", ""), hangs)
    with EmfWriter(registry, stream, TurnedClock(), HEADING).writing(60):
        pass
    assert asked.is_set()
    assert stream.getvalue() == ""
    may_answer.set()


def test_a_forked_child_writes_nothing(
    registry: Registry, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = EmfWriter(registry, stream, FakeClock(), HEADING)
    registry.counter(SENT).add()
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    writer.write()
    assert stream.getvalue() == ""
    monkeypatch.undo()
    writer.write()
    assert [each.values for each in seen(stream)] == [[1]]


class Surroundings:
    """A model that tells what else runs in its process."""

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        del content, should_stop
        return Scores(b"", {"threads": [thread.name for thread in threading.enumerate()]})


def test_the_models_processes_export_nothing(registry: Registry, stream: io.StringIO) -> None:
    with (
        EmfWriter(registry, stream, TurnedClock(), HEADING).writing(60),
        ProcessPredictor(Surroundings(), 1, ProcessLimits(10, 1_000_000)) as predictor,
    ):
        assert "metrics" in [thread.name for thread in threading.enumerate()]
        threads = predictor.predict(b"", lambda: False).summary["threads"]
    assert isinstance(threads, list)
    assert "MainThread" in threads
    assert "metrics" not in threads
