from datetime import timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from sqlalchemy import text
from structlog.testing import LogCapture

from app.message import PredictionSQSMessage
from app.publisher import PublishCode
from app.store import Prediction, State
from tests.app.doubles.scene import OTHER, Scene
from tests.app.doubles.sqs import aws_error


def message_of(scene: Scene, prediction: Prediction, **changes: object) -> PredictionSQSMessage:
    fields: dict[str, object] = {
        "prediction_id": prediction.prediction_id,
        "user_id": prediction.user_id,
        "upload_id": prediction.upload_id,
        "s3_file_path": prediction.s3_file_path,
        "timestamp": scene.clock.now(),
    }
    return PredictionSQSMessage.model_validate(fields | changes)


def test_sends_one_message_that_says_what_the_record_says(scene: Scene, app_logs: LogCapture) -> None:
    prediction = scene.add()
    result = scene.publisher.publish_prediction(prediction.prediction_id)
    assert (result.code, result.retries, result.is_kept) == (PublishCode.PUBLISHED, 0, False)
    (sent,) = scene.sqs.messages
    assert PredictionSQSMessage.from_wire(sent.body) == message_of(scene, prediction)
    recorded = scene.now_of(prediction.prediction_id)
    assert (recorded.message_id, recorded.published_at, recorded.state) == (
        sent.message_id,
        scene.clock.now(),
        State.QUEUED,
    )
    logged = app_logs.entries[-1]
    assert (logged["event"], logged["prediction_id"], logged["message_id"]) == (
        "publisher.published",
        str(prediction.prediction_id),
        sent.message_id,
    )


def test_publishing_again_sends_nothing(scene: Scene) -> None:
    prediction = scene.published()
    for result in (
        scene.publisher.publish_prediction(prediction.prediction_id),
        scene.publisher.publish(message_of(scene, prediction)),
    ):
        assert (result.code, result.message_id) == (PublishCode.ALREADY_PUBLISHED, "message-1")
    assert len(scene.sqs.messages) == 1


def test_what_the_store_does_not_know_is_not_sent(scene: Scene) -> None:
    known = scene.add()
    assert scene.publisher.publish_prediction(uuid4()).code is PublishCode.UNKNOWN
    assert scene.publisher.publish(message_of(scene, known, prediction_id=uuid4())).code is PublishCode.UNKNOWN
    for changes in ({"user_id": OTHER}, {"upload_id": uuid4()}, {"s3_file_path": "s3://retainwise-uploads/x.csv"}):
        assert scene.publisher.publish(message_of(scene, known, **changes)).code is PublishCode.INVALID
    assert scene.sqs.messages == []


@pytest.mark.parametrize("offset", [timedelta(minutes=5, seconds=1), timedelta(minutes=-5, seconds=-1)])
def test_a_timestamp_more_than_five_minutes_off_is_refused(
    scene: Scene, app_logs: LogCapture, offset: timedelta
) -> None:
    prediction = scene.add()
    result = scene.publisher.publish(message_of(scene, prediction, timestamp=scene.clock.now() + offset))
    assert result.code is PublishCode.INVALID
    assert scene.sqs.messages == []
    assert str(app_logs.entries[-1]["reason"]).startswith("timestamp-")


def test_disabled_is_not_lost(scene: Scene) -> None:
    prediction = scene.add()
    scene.switch_value = "false"
    (kept,) = scene.publisher.publish_pending()
    assert (kept.code, kept.is_kept) == (PublishCode.DISABLED, True)
    assert scene.sqs.calls == []
    assert scene.predictions.unpublished() == [prediction]
    scene.switch_value = "true"
    scene.clock.advance(10)
    assert [result.code for result in scene.publisher.publish_pending()] == [PublishCode.PUBLISHED]
    assert list(scene.publisher.publish_pending()) == []
    assert len(scene.sqs.messages) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (EndpointConnectionError(endpoint_url="https://sqs"), PublishCode.UNAVAILABLE),
        (aws_error("RequestThrottled", "SendMessage"), PublishCode.UNAVAILABLE),
        (aws_error("ServiceUnavailable", "SendMessage", 503), PublishCode.UNAVAILABLE),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "torn"), PublishCode.UNAVAILABLE),
        (aws_error("AccessDenied", "SendMessage", 403), PublishCode.REFUSED),
        (aws_error("ExpiredToken", "SendMessage", 403), PublishCode.REFUSED),
        (aws_error("AWS.SimpleQueueService.NonExistentQueue", "SendMessage"), PublishCode.REFUSED),
    ],
    ids=str,
)
def test_when_sqs_fails_the_prediction_is_kept_and_goes_with_the_next_run(
    scene: Scene, app_logs: LogCapture, fault: Exception, code: PublishCode
) -> None:
    predictions = [scene.add() for _ in range(3)]
    scene.sqs.faults["SendMessage"] = [fault]
    (kept,) = scene.publisher.publish_pending()
    assert (kept.code, kept.is_kept) == (code, True)
    assert app_logs.entries[-1]["event"] == "publisher.kept"
    assert "aws_code" in app_logs.entries[-1]
    assert len(scene.predictions.unpublished()) == 3
    published = [result.prediction_id for result in scene.publisher.publish_pending()]
    assert sorted(published) == sorted(each.prediction_id for each in predictions)


def test_the_words_tell_nothing_of_the_inside(scene: Scene) -> None:
    prediction = scene.add()
    scene.sqs.faults["SendMessage"] = [aws_error("AccessDenied", message="User: arn:aws:sts::123 is not authorized")]
    result = scene.publisher.publish_prediction(prediction.prediction_id)
    assert result.text.endswith(".")
    assert "arn" not in result.text
    assert "AccessDenied" not in result.text


def test_retries_are_counted(scene: Scene) -> None:
    """botocore tells of each request that it sends; the first one is no retry."""
    prediction = scene.add()
    scene.client.get_client()
    scene.sqs._register("before-send.sqs", scene.client.attempts.note)  # each call now counts for two requests
    assert scene.publisher.publish_prediction(prediction.prediction_id).retries == 1


def test_a_record_that_is_not_valid_does_not_hold_up_the_others(scene: Scene) -> None:
    """Somebody wrote to the table by hand."""
    bad, good = scene.add(), scene.add()
    with scene.engine.begin() as connection:
        connection.execute(
            text("UPDATE predictions SET s3_file_path = 's3://x/../y' WHERE prediction_id = :id"),
            {"id": bad.prediction_id.hex},
        )
    results = {result.prediction_id: result.code for result in scene.publisher.publish_pending()}
    assert results == {bad.prediction_id: PublishCode.INVALID, good.prediction_id: PublishCode.PUBLISHED}


def test_more_than_a_page_is_published_in_one_run(scene: Scene) -> None:
    for _ in range(205):
        scene.add()
    assert len(list(scene.publisher.publish_pending())) == 205
    assert len(scene.sqs.messages) == 205
