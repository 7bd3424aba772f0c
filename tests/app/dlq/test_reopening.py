"""A redriven message is a new one: what its forerunner closed is open to it, and to no leftover of the forerunner's."""

from datetime import timedelta

import pytest

from app.store import Claim, ClaimRefusal, Prediction, State
from tests.app.doubles.scene import Scene


def failed(scene: Scene, message_id: str) -> tuple[Prediction, Claim]:
    """A prediction that has failed for good under a message, and the claim that it failed under."""
    prediction = scene.add()
    claim = claimed(scene, prediction, message_id)
    assert scene.predictions.fail(claim, code="unusable-file", reason="line 2", message_id=message_id)
    return prediction, claim


def claimed(scene: Scene, prediction: Prediction, message_id: str) -> Claim:
    claim = claim_of(scene, prediction, message_id)
    assert isinstance(claim, Claim)
    return claim


def claim_of(scene: Scene, prediction: Prediction, message_id: str) -> Claim | ClaimRefusal:
    until = scene.clock.now() + timedelta(seconds=300)
    return scene.predictions.claim(prediction.prediction_id, message_id=message_id, lease_until=until)


def test_the_dead_message_itself_stays_closed(scene: Scene) -> None:
    prediction, _ = failed(scene, "first")
    assert claim_of(scene, prediction, "first") is ClaimRefusal.FAILED


def test_a_redriven_one_completes_and_leaves_no_failure_behind(scene: Scene) -> None:
    prediction, _ = failed(scene, "first")
    again = claimed(scene, prediction, "redriven")
    assert scene.predictions.complete(again, result_path="s3://b/r.csv", summary={})
    done = scene.predictions.get(prediction.prediction_id)
    assert done is not None
    assert (done.state, done.attempt, done.failure_code, done.failure_reason) == (State.COMPLETED, 2, None, None)


def test_a_redriven_one_that_fails_again_is_closed_again_until_the_next(scene: Scene) -> None:
    prediction, _ = failed(scene, "first")
    again = claimed(scene, prediction, "redriven")
    assert scene.predictions.fail(again, code="gave-up", reason="three times", message_id="redriven")
    assert claim_of(scene, prediction, "redriven") is ClaimRefusal.FAILED
    assert isinstance(claim_of(scene, prediction, "redriven-again"), Claim)


@pytest.mark.parametrize("move", ["complete", "fail", "release", "extend"])
def test_the_forerunners_claim_is_worth_nothing_any_more(scene: Scene, move: str) -> None:
    prediction, old = failed(scene, "first")
    new = claimed(scene, prediction, "redriven")
    moves = {
        "complete": lambda: scene.predictions.complete(old, result_path="s3://b/old.csv", summary={}),
        "fail": lambda: scene.predictions.fail(old, code="gave-up", reason="", message_id="first"),
        "release": lambda: scene.predictions.release(old, code="shutdown", reason=""),
        "extend": lambda: scene.predictions.extend(old, scene.clock.now()),
    }
    assert moves[move]() is False
    assert scene.predictions.complete(new, result_path="s3://b/new.csv", summary={})


def test_two_copies_of_one_letter_make_one_prediction(scene: Scene) -> None:
    prediction, _ = failed(scene, "first")
    held = claimed(scene, prediction, "copy-one")
    assert claim_of(scene, prediction, "copy-two") is ClaimRefusal.HELD
    assert scene.predictions.complete(held, result_path="s3://b/r.csv", summary={})
    assert claim_of(scene, prediction, "copy-two") is ClaimRefusal.COMPLETED


def test_a_refused_message_leaves_its_prediction_open(scene: Scene) -> None:
    prediction = scene.add()
    scene.rejections.record(
        message_id="first",
        code="not-the-path",
        reason="",
        prediction_id=str(prediction.prediction_id),
        receives=3,
    )
    assert isinstance(claim_of(scene, prediction, "redriven"), Claim)
