"""A person's open transaction on one row: whoever needs that row fails soon, and nobody else notices."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from app.store import Claim, Grouped, PredictionStore, State, locks
from app.store.transactions import OneByOne, Transactions
from app.worker import Heartbeat, Sweeper
from app.worker.lease import Lease
from tests.app.doubles.clock import START
from tests.app.doubles.scene import Scene, middle

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_MILLISECONDS", 50)


@contextmanager
def locked(engine: Engine, prediction_id: UUID) -> Iterator[None]:
    """The row, as by somebody who has gone for lunch. Ends by itself should a test hang on it."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '20s'"))
        connection.execute(
            text("SELECT 1 FROM predictions WHERE prediction_id = :wanted FOR UPDATE"), {"wanted": prediction_id}
        )
        yield


def claim_of(scene: Scene, predictions: PredictionStore, prediction_id: UUID) -> Claim:
    until = scene.clock.now() + timedelta(seconds=300)
    claim = predictions.claim(prediction_id, message_id="m", lease_until=until)
    assert isinstance(claim, Claim)
    return claim


MOVES: dict[str, Callable[[PredictionStore, Claim], object]] = {
    "extend": lambda store, claim: store.extend(claim, claim_until()),
    "complete": lambda store, claim: store.complete(claim, result_path="r", summary={}),
    "release": lambda store, claim: store.release(claim, code="c", reason="r"),
    "fail": lambda store, claim: store.fail(claim, code="c", reason="r", message_id="m"),
}


def claim_until() -> datetime:
    return START + timedelta(seconds=600)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("kind", [OneByOne, Grouped])
def test_a_move_of_a_locked_row_fails_soon_and_succeeds_later(
    scene: Scene, move: Callable[[PredictionStore, Claim], object], kind: Callable[[Engine], Transactions]
) -> None:
    predictions = PredictionStore(scene.engine, scene.clock, kind(scene.engine))
    prediction = scene.add()
    claim = claim_of(scene, predictions, prediction.prediction_id)
    with locked(scene.engine, prediction.prediction_id), pytest.raises(OperationalError, match="lock timeout"):
        move(predictions, claim)
    assert scene.now_of(prediction.prediction_id).state is State.PROCESSING
    assert move(predictions, claim)


def test_a_claim_of_a_locked_row_fails_soon_and_those_beside_it_succeed(scene: Scene) -> None:
    held, free = scene.add(), scene.add()
    with locked(scene.engine, held.prediction_id):
        with pytest.raises(OperationalError, match="lock timeout"):
            claim_of(scene, scene.predictions, held.prediction_id)
        with pytest.raises(OperationalError, match="lock timeout"):
            scene.recovery.renew_unstarted(held.prediction_id)
        assert claim_of(scene, scene.predictions, free.prediction_id).prediction_id == free.prediction_id


def test_nothing_of_it_stays_with_the_session(scene: Scene) -> None:
    scene.predictions.claim(scene.add().prediction_id, message_id="m", lease_until=scene.clock.now())
    with scene.engine.connect() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "0"


def test_a_locked_row_keeps_no_other_claim_from_being_extended(scene: Scene) -> None:
    heartbeat = Heartbeat(scene.queue, scene.predictions, 300, scene.clock, middle)
    predictions = [scene.published() for _ in range(3)]
    leases = [Lease(delivery, 300, scene.clock) for delivery in scene.queue.receive(10, 0, 300)]
    for lease, prediction in zip(leases, predictions, strict=True):
        lease.claim = claim_of(scene, scene.predictions, prediction.prediction_id)
    heartbeat.watch(leases)
    with locked(scene.engine, predictions[0].prediction_id):
        scene.clock.advance(100)
        while scene.clock.monotonic() < 290:
            scene.clock.advance(heartbeat.beat())
        scene.clock.advance(20)  # beyond the first claims' end
        others = [each.prediction_id for each in predictions[1:]]
        until = scene.clock.now() + timedelta(seconds=300)
        assert scene.predictions.claim_many(others, lease_until=until) == {}
    assert not any(lease.is_lost for lease in leases)


def test_a_sweep_leaves_a_locked_row_for_the_next_and_takes_the_others(scene: Scene) -> None:
    predictions = [scene.published() for _ in range(3)]
    scene.clock.advance(timedelta(days=5).total_seconds())
    sweeper = Sweeper(scene.recovery, timedelta(days=4), None)
    with locked(scene.engine, predictions[0].prediction_id):
        sweeper.tick()
        assert sweeper.renewed == 2
    sweeper.tick()
    assert sweeper.renewed == 3
