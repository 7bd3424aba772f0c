from datetime import timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from sqlalchemy import text
from structlog.testing import LogCapture

from app.message import PredictionSQSMessage
from app.publishing import PublishCode
from app.store import Prediction, State
from tests.app.doubles.scene import OTHER, OWNER, Scene
from tests.app.doubles.sqs import aws_error
from tests.app.servers.databases import on_each_database


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


@on_each_database
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
    assert scene.publisher.publish_prediction(prediction.prediction_id).code is PublishCode.DISABLED
    assert scene.publisher.publish_due() == []
    assert scene.sqs.calls == []
    assert scene.outbox.backlog().waiting == 1
    scene.switch_value = "true"
    scene.clock.advance(10)
    assert [result.code for result in scene.publisher.publish_pending()] == [PublishCode.PUBLISHED]
    assert list(scene.publisher.publish_pending()) == []
    assert len(scene.sqs.messages) == 1


@on_each_database
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
@pytest.mark.parametrize("count", [1, 13])
def test_when_sqs_fails_the_predictions_are_kept_and_go_with_the_next_run(
    scene: Scene, app_logs: LogCapture, fault: Exception, code: PublishCode, count: int
) -> None:
    predictions = [scene.add() for _ in range(count)]
    scene.sqs.faults = {"SendMessage": [fault], "SendMessageBatch": [fault]}
    kept = list(scene.publisher.publish_pending())
    assert {result.code for result in kept} == {code}
    assert scene.sqs.count("SendMessage") + scene.sqs.count("SendMessageBatch") == 1  # not tried on and on
    told = [entry for entry in app_logs.entries if entry["event"] == "publisher.kept"]
    assert len(told) == min(count, 10)
    assert all("aws_code" in entry and entry["correlation_id"] == kept[0].correlation_id for entry in told)
    assert scene.outbox.backlog().waiting == count
    published = [result.prediction_id for result in scene.publisher.publish_pending()]
    assert sorted(published) == sorted(each.prediction_id for each in predictions)


def test_the_words_tell_nothing_of_the_inside(scene: Scene) -> None:
    prediction = scene.add()
    scene.sqs.faults["SendMessage"] = [aws_error("AccessDenied", message="User: arn:aws:sts::123 is not authorized")]
    result = scene.publisher.publish_prediction(prediction.prediction_id)
    assert result.text.endswith(".")
    assert "arn" not in result.text
    assert "AccessDenied" not in result.text


def test_a_result_names_the_log_lines_of_its_request(scene: Scene, app_logs: LogCapture) -> None:
    first, second = scene.add(), scene.add()
    own = scene.publisher.publish_prediction(first.prediction_id)
    given = scene.publisher.publish(message_of(scene, second), correlation_id="request-7")
    assert given.correlation_id == "request-7"
    assert [entry["correlation_id"] for entry in app_logs.entries if entry["event"] == "publisher.published"] == [
        own.correlation_id,
        "request-7",
    ]
    assert scene.publisher.publish_prediction(first.prediction_id).correlation_id not in {own.correlation_id, ""}


def test_retries_are_counted_where_no_answer_tells_them(scene: Scene) -> None:
    """botocore tells of each request that it sends; the first one is no retry."""
    prediction = scene.add()
    scene.client.get_client()
    scene.sqs._register("before-send.sqs", scene.client.attempts.note)  # each call now counts for two requests
    scene.sqs.faults["SendMessage"] = [EndpointConnectionError(endpoint_url="https://sqs")]
    assert scene.publisher.publish_prediction(prediction.prediction_id).retries == 1


@on_each_database
def test_what_another_is_just_sending_is_left_to_them(scene: Scene) -> None:
    prediction = scene.add()
    scene.outbox.take([prediction.prediction_id])
    result = scene.publisher.publish_prediction(prediction.prediction_id)
    assert (result.code, result.is_kept) == (PublishCode.IN_HAND, True)
    assert scene.sqs.messages == []
    scene.clock.advance(120)  # the other one is dead
    assert scene.publisher.publish_prediction(prediction.prediction_id).code is PublishCode.PUBLISHED


@on_each_database
def test_a_request_is_sent_at_once_even_while_its_entry_waits(scene: Scene) -> None:
    prediction = scene.add()
    scene.sqs.faults["SendMessage"] = [aws_error("ServiceUnavailable", "SendMessage", 503)]
    assert scene.publisher.publish_prediction(prediction.prediction_id).code is PublishCode.UNAVAILABLE
    assert scene.publisher.publish_due() == []
    assert scene.publisher.publish_prediction(prediction.prediction_id).code is PublishCode.PUBLISHED


def test_a_prediction_that_somebody_works_on_needs_no_message(scene: Scene) -> None:
    """Whoever sent its message died before they could record it."""
    prediction = scene.add()
    until = scene.clock.now() + timedelta(minutes=5)
    scene.predictions.claim(prediction.prediction_id, message_id="m", lease_until=until)
    assert [result.code for result in scene.publisher.publish_due()] == [PublishCode.ALREADY_PUBLISHED]
    assert scene.sqs.messages == []
    assert scene.outbox.backlog().waiting == 0
    assert scene.now_of(prediction.prediction_id).published_at is not None


@on_each_database
def test_a_record_that_is_not_valid_does_not_hold_up_the_others(scene: Scene, app_logs: LogCapture) -> None:
    """Somebody wrote to the table by hand; when they have mended it, it goes too."""
    bad, good = scene.add(), scene.add()
    write = text("UPDATE predictions SET s3_file_path = :path WHERE prediction_id = :id")
    with scene.engine.begin() as connection:
        connection.execute(write, {"path": "s3://x/../y", "id": bad.prediction_id.hex})
    results = {result.prediction_id: result.code for result in scene.publisher.publish_pending()}
    assert results == {bad.prediction_id: PublishCode.INVALID, good.prediction_id: PublishCode.PUBLISHED}
    assert [entry["reason"] for entry in app_logs.entries if entry["event"] == "publisher.refused"] == [
        "invalid-record"
    ]
    with scene.engine.begin() as connection:
        connection.execute(write, {"path": bad.s3_file_path, "id": bad.prediction_id.hex})
    scene.clock.advance(60)
    assert [result.code for result in scene.publisher.publish_due()] == [PublishCode.PUBLISHED]


@on_each_database
def test_more_than_a_page_is_published_in_one_run(scene: Scene) -> None:
    for _ in range(205):
        scene.add()
    assert len(list(scene.publisher.publish_pending())) == 205
    assert len(scene.sqs.messages) == 205
    assert scene.sqs.count("SendMessageBatch") == 21


def test_the_user_may_be_the_messages_group(scene: Scene) -> None:
    publisher = scene.make_publisher(group_by_user=True)
    publisher.publish_prediction(scene.add().prediction_id)
    for user in (OWNER, OTHER):
        scene.add(user_id=user)
    list(publisher.publish_pending())
    assert scene.sqs.calls[0][1]["group"] == OWNER
    assert sorted(scene.sqs.calls[1][1]["groups"]) == sorted([OWNER, OTHER])  # type: ignore[call-overload]  # the double's calls hold anything
    scene.publisher.publish_prediction(scene.add().prediction_id)
    assert scene.sqs.calls[2][1]["group"] is None
