from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from app.store import Claim, Prediction, State, Swept
from app.store.schema import PredictionRow
from tests.app.doubles.scene import Scene, in_thread

RETENTION = timedelta(days=4)
GRACE = timedelta(seconds=60)


def claimed(scene: Scene, prediction: Prediction, *, last: bool) -> Claim:
    claim = scene.predictions.claim(
        prediction.prediction_id,
        message_id="m",
        lease_until=scene.clock.now() + timedelta(seconds=300),
        is_last_delivery=last,
    )
    assert isinstance(claim, Claim)
    return claim


def waiting(scene: Scene) -> list[UUID]:
    """Whose messages the outbox holds and a relay would send now."""
    return [entry.prediction.prediction_id for entry in scene.outbox.take_due(100).entries]


def sweep(scene: Scene, most_failures: int | None = 3) -> Swept:
    return scene.recovery.sweep(grace=GRACE, retention=RETENTION, most_failures=most_failures)


@pytest.mark.parametrize("last", [True, False])
def test_what_is_released_gets_a_new_message_only_if_its_own_will_not_come_again(scene: Scene, last: bool) -> None:  # noqa: FBT001 - a case
    prediction = scene.published()
    assert scene.predictions.release(claimed(scene, prediction, last=last), code="shutdown", reason="r")
    released = scene.now_of(prediction.prediction_id)
    assert (released.state, released.published_at is None) == (State.QUEUED, last)
    assert waiting(scene) == ([prediction.prediction_id] if last else [])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_new_message_is_asked_for_though_another_gives_the_prediction_back_just_then(scene: Scene) -> None:
    """SQLite lets one write after the other, so there it cannot be just then."""
    prediction_id = scene.published().prediction_id
    claimed(scene, scene.now_of(prediction_id), last=False)
    with scene.engine.begin() as giving_back:
        row = PredictionRow.prediction_id == prediction_id
        giving_back.execute(update(PredictionRow).where(row).values(state=State.QUEUED.value, lease_until=None))
        renewing = in_thread(lambda: scene.recovery.renew_unstarted(prediction_id))
        with scene.engine.connect() as looking:
            while not looking.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                renewing.join(0.01)
    renewing.join(30)
    assert waiting(scene) == [prediction_id]


@pytest.mark.parametrize("known_as", ["old", None], ids=["sent", "not needed"])
@pytest.mark.parametrize("renew", ["released", "unstarted", "swept"])
def test_a_new_message_is_not_settled_with_the_old_one(scene: Scene, renew: str, known_as: str | None) -> None:
    """A relay that has sent the old message, or seen that it came through, may record that late."""
    prediction_id = scene.add().prediction_id
    lease = scene.outbox.take_due(100)
    if renew == "unstarted":
        scene.recovery.renew_unstarted(prediction_id)
    else:
        claim = claimed(scene, scene.now_of(prediction_id), last=True)
        if renew == "released":
            assert scene.predictions.release(claim, code="shutdown", reason="r")
        else:
            scene.clock.advance(300 + 60)
            assert sweep(scene).renewed == (prediction_id,)
    scene.outbox.settle(lease, sent={prediction_id: known_as})
    assert waiting(scene) == [prediction_id]


def test_a_new_message_waits_for_its_time(scene: Scene) -> None:
    prediction = scene.published()
    later = scene.clock.now() + timedelta(seconds=60)
    claim = claimed(scene, prediction, last=True)
    assert scene.predictions.release(claim, code="c", reason="r", is_failure=True, again_at=later)
    assert waiting(scene) == []
    scene.clock.advance(60)
    assert waiting(scene) == [prediction.prediction_id]


def test_failures_count_and_interruptions_do_not(scene: Scene) -> None:
    prediction = scene.published()
    counted = []
    for is_failure in (False, True, False, True):
        claim = claimed(scene, prediction, last=False)
        counted.append(claim.failures)
        assert scene.predictions.release(claim, code="c", reason="r", is_failure=is_failure)
    scene.predictions.claim(prediction.prediction_id, message_id="m", lease_until=scene.clock.now())  # and dies
    counted.append(claimed(scene, prediction, last=False).failures)
    assert counted == [0, 0, 1, 1, 3]


def test_one_that_nobody_has_begun_gets_a_new_message_at_once(scene: Scene) -> None:
    prediction = scene.published()
    scene.recovery.renew_unstarted(prediction.prediction_id)
    scene.recovery.renew_unstarted(prediction.prediction_id)
    assert waiting(scene) == [prediction.prediction_id]


def test_one_that_somebody_is_at_work_on_gets_a_new_message_once_they_give_it_back(scene: Scene) -> None:
    prediction = scene.published()
    claim = claimed(scene, prediction, last=False)
    scene.recovery.renew_unstarted(prediction.prediction_id)
    assert waiting(scene) == []
    assert scene.predictions.release(claim, code="c", reason="r")
    assert waiting(scene) == [prediction.prediction_id]


def test_one_that_failed_and_was_redriven_gets_a_new_message(scene: Scene) -> None:
    prediction = scene.published()
    claim = claimed(scene, prediction, last=True)
    assert scene.predictions.fail(claim, code="gave-up", reason="r", message_id="m")
    scene.recovery.renew_unstarted(prediction.prediction_id)
    now = scene.now_of(prediction.prediction_id)
    assert (now.state, now.finished_at) == (State.QUEUED, None)
    assert waiting(scene) == [prediction.prediction_id]
    assert claimed(scene, prediction, last=False).failures == 0


def test_one_that_is_done_gets_none(scene: Scene) -> None:
    prediction = scene.published()
    assert scene.predictions.complete(claimed(scene, prediction, last=True), result_path="r", summary={})
    scene.recovery.renew_unstarted(prediction.prediction_id)
    scene.clock.advance(RETENTION.total_seconds())
    assert sweep(scene) == Swept()
    assert waiting(scene) == []


def test_a_sweep_renews_gives_up_and_leaves_alone(scene: Scene) -> None:
    lapsed, killing, waits, dropped = (scene.published() for _ in range(4))
    claimed(scene, lapsed, last=True)
    for _ in range(3):
        claimed(scene, killing, last=True)
        scene.clock.advance(300)
    claimed(scene, waits, last=False)
    scene.clock.advance(300 + 60)
    assert sweep(scene) == Swept(renewed=(lapsed.prediction_id,), given_up=(killing.prediction_id,))
    assert waiting(scene) == [lapsed.prediction_id]
    assert scene.now_of(waits.prediction_id).state is State.PROCESSING
    scene.clock.advance(RETENTION.total_seconds())
    assert set(sweep(scene).renewed) == {waits.prediction_id, dropped.prediction_id}


def test_without_a_limit_nothing_is_given_up(scene: Scene) -> None:
    prediction = scene.published()
    for _ in range(5):
        claimed(scene, prediction, last=True)
        scene.clock.advance(400)
    assert sweep(scene, most_failures=None).renewed == (prediction.prediction_id,)
