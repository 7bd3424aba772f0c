from datetime import timedelta
from uuid import UUID, uuid4

from botocore.exceptions import EndpointConnectionError
from structlog.testing import LogCapture

from app.message import PredictionSQSMessage
from app.publishing import PublishCode, PublishResult
from app.store import NewPrediction, Prediction
from tests.app.doubles.scene import OTHER, OWNER, Scene
from tests.app.doubles.sqs import aws_error
from tests.app.servers.databases import on_each_database


def recorded(scene: Scene, count: int) -> list[PredictionSQSMessage]:
    """A backfill: predictions recorded in one go, and their messages."""
    new = [NewPrediction(uuid4(), OWNER, uuid4(), f"s3://retainwise-uploads/{number}.csv") for number in range(count)]
    return [message_of(scene, each) for each in scene.predictions.add_many(new)]


def message_of(scene: Scene, prediction: Prediction) -> PredictionSQSMessage:
    return PredictionSQSMessage(
        prediction_id=prediction.prediction_id,
        user_id=prediction.user_id,
        upload_id=prediction.upload_id,
        s3_file_path=prediction.s3_file_path,
        timestamp=scene.clock.now(),
    )


def changed(message: PredictionSQSMessage, **changes: object) -> PredictionSQSMessage:
    return PredictionSQSMessage.model_validate(message.model_dump() | changes)


def codes(results: list[PublishResult]) -> list[str]:
    return [result.code.value for result in results]


def sent(scene: Scene) -> list[UUID]:
    return [PredictionSQSMessage.from_wire(message.body).prediction_id for message in scene.sqs.messages]


@on_each_database
def test_many_are_sent_in_tens_and_answered_in_the_order_given(scene: Scene, app_logs: LogCapture) -> None:
    messages = recorded(scene, 25)
    messages.sort(key=lambda message: message.prediction_id)  # another order than that of recording
    results = scene.publisher.publish_many(iter(messages))
    assert [result.prediction_id for result in results] == [message.prediction_id for message in messages]
    assert set(codes(results)) == {"published"}
    assert [name for name, _ in scene.sqs.calls] == ["SendMessageBatch"] * 3
    assert sorted(sent(scene)) == sorted(message.prediction_id for message in messages)
    for result in results:
        assert scene.now_of(result.prediction_id).message_id == result.message_id
    assert scene.outbox.backlog().waiting == 0
    told = [entry for entry in app_logs.entries if entry["event"] == "publisher.published_many"]
    assert [len(entry["messages"]) for entry in told] == [10, 10, 5]
    assert {entry["correlation_id"] for entry in told} == {result.correlation_id for result in results}


@on_each_database
def test_each_is_judged_by_itself(scene: Scene) -> None:
    good, foreign, old, known, done, after = recorded(scene, 6)
    scene.publisher.publish(done)
    results = scene.publisher.publish_many(
        [
            good,
            changed(foreign, user_id=OTHER),
            changed(old, timestamp=scene.clock.now() - timedelta(minutes=6)),
            changed(known, prediction_id=uuid4()),
            done,
            good,
            after,
        ]
    )
    assert codes(results) == [
        "published",
        "invalid",
        "invalid",
        "unknown",
        "already-published",
        "published",
        "published",
    ]
    assert results[5] == results[0]
    assert sorted(sent(scene)) == sorted([done.prediction_id, good.prediction_id, after.prediction_id])


@on_each_database
def test_what_sqs_does_not_take_of_a_batch_is_kept_and_goes_later(scene: Scene) -> None:
    messages = recorded(scene, 12)
    faulty = messages[4].json()
    scene.sqs.refuse = lambda body: {"Code": "InternalError", "SenderFault": False} if body == faulty else None
    results = scene.publisher.publish_many(messages)
    assert codes(results) == ["published"] * 4 + ["unavailable"] + ["published"] * 7
    assert results[4].retries == 2
    assert scene.outbox.backlog().waiting == 1
    scene.sqs.refuse = lambda _body: None
    scene.clock.advance(60)
    assert codes(scene.publisher.publish_due()) == ["published"]
    assert set(sent(scene)) == {message.prediction_id for message in messages}


@on_each_database
def test_when_sqs_is_down_the_rest_is_kept_without_being_tried(scene: Scene) -> None:
    messages = recorded(scene, 1200)
    messages[1100] = changed(messages[1100], user_id=OTHER)
    scene.sqs.faults["SendMessageBatch"] = [EndpointConnectionError(endpoint_url="https://sqs")] * 100
    results = scene.publisher.publish_many(messages)
    assert codes(results) == ["unavailable"] * 1100 + ["invalid"] + ["unavailable"] * 99
    assert scene.sqs.count("SendMessageBatch") == 1
    assert scene.outbox.backlog().waiting == 1200
    scene.sqs.faults.clear()
    assert len(scene.publisher.publish_due(2000)) == 1190  # at once, but for the ten that were tried


def test_what_is_in_other_hands_keeps_nobody_elses_back(scene: Scene) -> None:
    messages = recorded(scene, 510)
    scene.outbox.take([message.prediction_id for message in messages[:500]])
    assert codes(scene.publisher.publish_many(messages)) == ["in-hand"] * 500 + ["published"] * 10


def test_a_refusal_is_told_as_such(scene: Scene) -> None:
    scene.sqs.faults["SendMessageBatch"] = [aws_error("AccessDenied", "SendMessageBatch", 403)]
    assert set(codes(scene.publisher.publish_many(recorded(scene, 3)))) == {"refused"}


def test_while_disabled_all_are_kept(scene: Scene) -> None:
    messages = recorded(scene, 3)
    scene.switch_value = "false"
    results = scene.publisher.publish_many([*messages, changed(messages[0], prediction_id=uuid4())])
    assert [result.code for result in results] == [PublishCode.DISABLED] * 3 + [PublishCode.UNKNOWN]
    assert scene.sqs.calls == []
    assert scene.outbox.backlog().waiting == 3


def test_none_is_none(scene: Scene) -> None:
    assert scene.publisher.publish_many([]) == []
    assert scene.sqs.calls == []
