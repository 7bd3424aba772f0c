from app.dlq.records import Explanation, NoRecords, Records
from app.store import State
from tests.app.doubles.dead_letters import letter
from tests.app.doubles.scene import Scene


def test_the_messages_own_refusal_comes_before_its_predictions_failure(scene: Scene) -> None:
    failed, waiting = scene.add(), scene.add()
    claim = scene.predictions.claim(failed.prediction_id, message_id="of-failed", lease_until=scene.clock.now())
    scene.predictions.fail(claim, code="unusable-file", reason="line 2", message_id="of-failed")  # type: ignore[arg-type]  # it is a claim
    scene.rejections.record(
        message_id="refused", code="not-the-owner", reason="not theirs", prediction_id=None, receives=3
    )
    letters = [
        letter("refused", prediction_id=failed.prediction_id),
        letter("of-failed", prediction_id=failed.prediction_id),
        letter("of-waiting", prediction_id=waiting.prediction_id),
        letter("of-nothing"),
    ]
    assert Records(scene.predictions, scene.rejections).explain(letters) == {
        "refused": Explanation("not-the-owner", "not theirs", State.FAILED),
        "of-failed": Explanation("unusable-file", "line 2", State.FAILED),
        "of-waiting": Explanation(state=State.QUEUED),
        "of-nothing": Explanation(),
    }
    assert NoRecords().explain(letters[:1]) == {"refused": Explanation()}
