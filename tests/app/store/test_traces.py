"""The trace in which a prediction was asked for stays with it, whoever asks for its message, and however often."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from app.store import Claim, NewPrediction, Outbox, PredictionStore, RecoveryStore, open_database
from app.telemetry.trace_context import TRACESTATE_LENGTH, TraceContext
from bench.predictions import new_prediction
from tests.app.doubles.clock import FakeClock

TRACE = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1,b@c=x y")
RETENTION = timedelta(days=4)


class Store:
    """A database, and one prediction that was asked for in a trace, or in none."""

    def __init__(self, engine: Engine, trace: TraceContext | None) -> None:
        self.engine = engine
        self.clock = FakeClock()
        self.asked: NewPrediction = new_prediction()
        PredictionStore(engine, self.clock, current_trace=lambda: trace).add_many([self.asked])
        # All that follows is done by processes that trace nothing.
        self.predictions = PredictionStore(engine, self.clock)
        self.outbox = Outbox(engine, self.clock)
        self.recovery = RecoveryStore(engine, self.clock)

    def taken(self) -> TraceContext | None:
        (entry,) = self.outbox.take_due(10).entries
        return entry.trace

    def published(self) -> None:
        lease = self.outbox.take_due(10)
        self.outbox.settle(lease, sent={self.asked.prediction_id: "m"})

    def claim(self) -> Claim:
        until = self.clock.now() + timedelta(seconds=300)
        claim = self.predictions.claim(
            self.asked.prediction_id, message_id="m", lease_until=until, is_last_delivery=True
        )
        assert isinstance(claim, Claim)
        return claim


Opening = Callable[[TraceContext | None], Store]


@pytest.fixture
def opening(database_url: str, request: pytest.FixtureRequest) -> Opening:
    def opened(trace: TraceContext | None) -> Store:
        engine = open_database(database_url)
        request.addfinalizer(engine.dispose)
        return Store(engine, trace)

    return opened


@pytest.mark.parametrize(
    "trace", [None, TRACE, TraceContext(TRACE.traceparent), TraceContext(TRACE.traceparent, "a=" + "x" * (256))]
)
def test_whoever_takes_the_entry_knows_the_trace(opening: Opening, trace: TraceContext | None) -> None:
    assert opening(trace).taken() == trace


def test_one_that_is_taken_when_asked_for_has_it_too(opening: Opening) -> None:
    store = opening(TRACE)
    (entry,) = store.outbox.take([store.asked.prediction_id]).entries
    assert entry.trace == TRACE


def released(store: Store) -> None:
    assert store.predictions.release(store.claim(), code="shutdown", reason="r")


def renewed(store: Store) -> None:
    store.recovery.renew_unstarted(store.asked.prediction_id)


def swept(store: Store) -> None:
    store.claim()
    store.clock.advance(600)
    done = store.recovery.sweep(grace=timedelta(seconds=60), retention=RETENTION, most_failures=3)
    assert done.renewed == (store.asked.prediction_id,)


@pytest.mark.parametrize("renew", [released, renewed, swept])
def test_a_new_message_carries_the_trace_on_though_the_worker_traces_nothing(
    opening: Opening, renew: Callable[[Store], None]
) -> None:
    store = opening(TRACE)
    store.published()
    renew(store)
    assert store.taken() == TRACE


def test_what_is_adopted_has_none_and_what_somebody_has_broken_is_none(opening: Opening) -> None:
    store = opening(TRACE)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE predictions SET traceparent = 'not a trace'"))
        connection.execute(text("DELETE FROM outbox"))
    assert store.outbox.adopt() == 1
    assert store.taken() is None


def test_the_longest_context_fits_its_columns(opening: Opening) -> None:
    """PostgreSQL would refuse a longer one, and the prediction with it."""
    longest = TraceContext.read(TRACE.traceparent, ",".join(["a=" + "x" * 253, "b=" + "y" * 254]))
    assert longest is not None
    assert len(longest.tracestate or "") == TRACESTATE_LENGTH
    assert opening(longest).taken() == longest
