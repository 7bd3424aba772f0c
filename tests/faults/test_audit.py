from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update

from app.clock import SystemClock
from app.store import Claim, Outbox, PredictionStore, State, open_database
from app.store.schema import OutboxRow, PredictionRow
from tests.faults import audit
from tests.faults.ageing import Ageing

PREDICTION = UUID(int=7, version=4)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with one prediction, and the triggers."""
    made = open_database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    audit.install(made)
    store = PredictionStore(made, SystemClock())
    store.add(prediction_id=PREDICTION, user_id="user_a", upload_id=PREDICTION, s3_file_path="s3://bucket/a.csv")
    yield made
    made.dispose()


def claimed(engine: Engine, seconds: float = 60) -> Claim:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    claim = PredictionStore(engine, SystemClock()).claim(PREDICTION, message_id="m", lease_until=until)
    assert isinstance(claim, Claim)
    return claim


def test_an_end_is_recorded_and_a_claim_is_not(engine: Engine) -> None:
    claim = claimed(engine)
    assert audit.moves(engine) == {}
    assert PredictionStore(engine, SystemClock()).complete(claim, result_path="s3://bucket/r.csv", summary={})
    (move,) = audit.moves(engine)[PREDICTION]
    assert (move.user_id, move.before, move.after, move.attempt) == ("user_a", "PROCESSING", "COMPLETED", 1)
    assert move.result_path == "s3://bucket/r.csv"


def test_a_second_commit_is_seen_though_it_changes_no_state(engine: Engine) -> None:
    claim = claimed(engine)
    PredictionStore(engine, SystemClock()).complete(claim, result_path="s3://bucket/r.csv", summary={})
    with engine.begin() as connection:
        connection.execute(update(PredictionRow).values(state=State.COMPLETED.value))
    assert [(move.before, move.after) for move in audit.moves(engine)[PREDICTION]] == [
        ("PROCESSING", "COMPLETED"),
        ("COMPLETED", "COMPLETED"),
    ]


def test_ageing_ends_waits_that_have_lasted_long_enough_and_no_others(engine: Engine) -> None:
    outbox = Outbox(engine, SystemClock())
    lease = outbox.take_due(10)
    assert len(lease.entries) == 1
    claim = claimed(engine, seconds=30)
    Ageing(engine, timedelta(seconds=5)).tick()
    assert outbox.take_due(10).entries == ()
    with engine.connect() as connection:
        until = connection.scalar(select(PredictionRow.lease_until))
    assert until is not None
    assert until > datetime.now(UTC), "a claim that lasts is left alone"

    with engine.begin() as connection:  # as if five seconds had passed
        connection.execute(update(OutboxRow).values(leased_until=datetime.now(UTC) + timedelta(seconds=114)))
    PredictionStore(engine, SystemClock()).extend(claim, datetime.now(UTC) - timedelta(seconds=6))
    Ageing(engine, timedelta(seconds=5)).tick()
    assert len(outbox.take_due(10).entries) == 1
    with engine.connect() as connection:
        until = connection.scalar(select(PredictionRow.lease_until))
    assert until is not None
    assert until < datetime.now(UTC) - timedelta(seconds=60)
