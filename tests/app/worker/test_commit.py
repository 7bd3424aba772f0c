"""A commit that the store does not answer is tried again, but only as long as the lease holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.models import Scores
from app.s3_path import S3Path
from app.store import Claim, State
from app.work_queue import Delivery
from app.worker.commit import commit
from app.worker.lease import Lease, LeaseLostError
from tests.app.doubles.scene import Scene

Committing = Callable[[float], None]


@pytest.fixture
def claim(scene: Scene) -> Claim:
    until = scene.clock.now() + timedelta(seconds=3600)
    claim = scene.predictions.claim(scene.add().prediction_id, message_id="m", lease_until=until)
    assert isinstance(claim, Claim)
    return claim


@pytest.fixture
def committing(scene: Scene, claim: Claim) -> Committing:
    def committed_under(lease_seconds: float) -> None:
        lease = Lease(Delivery("m", "h", "body", 1, scene.clock.monotonic()), lease_seconds, scene.clock)
        scores = Scores(b"", {})
        commit(lease, claim, S3Path("results", "r.csv"), scores, predictions=scene.predictions, clock=scene.clock)

    return committed_under


def down_for(scene: Scene, seconds: float) -> None:
    def fail(*_arguments: object) -> None:
        if scene.clock.monotonic() < seconds:
            raise OperationalError("UPDATE", {}, Exception("down"))

    event.listen(scene.engine, "before_cursor_execute", fail)


def test_a_store_that_is_away_for_a_moment_costs_nothing(scene: Scene, claim: Claim, committing: Committing) -> None:
    down_for(scene, 20)
    committing(300)
    assert scene.now_of(claim.prediction_id).state is State.COMPLETED


def test_a_lease_that_runs_out_meanwhile_ends_it(scene: Scene, claim: Claim, committing: Committing) -> None:
    down_for(scene, 20)
    with pytest.raises(LeaseLostError):
        committing(15)
    scene.clock.advance(20)
    assert scene.now_of(claim.prediction_id).state is State.PROCESSING


def test_it_is_given_up_after_a_minute(scene: Scene, committing: Committing) -> None:
    down_for(scene, 3600)
    with pytest.raises(OperationalError):
        committing(300)
    assert 60 <= scene.clock.monotonic() <= 70
