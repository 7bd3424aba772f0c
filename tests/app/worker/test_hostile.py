"""Whatever a message says, the worker survives it, says why it refuses it, and leaves everybody's predictions alone."""

from uuid import UUID

import pytest

from app.message import MessageRefusedError, PredictionSQSMessage
from app.reasons import Reason
from app.store import State
from app.work_queue import WorkQueue
from tests.app.doubles.hostile import PATH, PREDICTION, UPLOAD, Hostile, hostile_bodies
from tests.app.doubles.scene import CONTENT, OWNER, Scene
from tests.app.doubles.sqs import QUEUE_URL
from tests.app.servers.databases import on_each_database

ALL = hostile_bodies()
BY_FORM = frozenset({Reason.NOT_JSON, Reason.INVALID_FIELDS, Reason.DUPLICATE_KEY, Reason.BODY_TOO_LARGE})


def test_there_are_enough_and_no_two_are_the_same() -> None:
    assert len(ALL) >= 200
    assert len({each.body for each in ALL}) == len(ALL)


@pytest.mark.parametrize("hostile", [each for each in ALL if each.reason in BY_FORM], ids=lambda each: each.name)
def test_a_body_of_bad_form_is_refused_with_its_code_in_few_and_printable_words(hostile: Hostile) -> None:
    with pytest.raises(MessageRefusedError) as refusal:
        PredictionSQSMessage.from_wire(hostile.body)
    assert refusal.value.reason is hostile.reason
    assert refusal.value.detail.isprintable()
    assert len(refusal.value.detail) < 700


@on_each_database
def test_all_are_dead_lettered_with_their_codes_and_touch_nothing(scene: Scene) -> None:
    victim = scene.predictions.add(
        prediction_id=UUID(PREDICTION), user_id=OWNER, upload_id=UUID(UPLOAD), s3_file_path=PATH
    )
    scene.s3.objects[PATH.split("/")[2], PATH.split("/", 3)[3]] = CONTENT
    scene.sqs.max_receive_count = 1
    sent = {scene.sqs.put(hostile.body): hostile for hostile in ALL}
    honest = scene.published()
    report = scene.drained().run()
    assert report.outcomes["rejected"] == len(ALL)
    assert {letter.message_id for letter in scene.sqs.dead_letters} == set(sent)
    recorded = {rejection.message_id: rejection.code for rejection in scene.rejections.newest(limit=1000)}
    wrong = {
        hostile.name: recorded.get(message_id)
        for message_id, hostile in sent.items()
        if recorded.get(message_id) != hostile.reason.value
    }
    assert wrong == {}
    assert scene.now_of(victim.prediction_id) == victim
    assert scene.now_of(honest.prediction_id).state is State.COMPLETED
    assert len(scene.predictor.contents) == 1


def test_attributes_that_nobody_asked_for_or_that_are_no_trace_are_as_good_as_none(scene: Scene) -> None:
    hostile: list[dict[str, object]] = [
        {"traceparent": {"DataType": "Binary", "BinaryValue": b"\xff" * 100}},
        {"traceparent": {"DataType": "String", "StringValue": "00-" + "0" * 100_000}},
        {"traceparent": {"DataType": "Number", "StringValue": "7"}, "tracestate": {"DataType": "String"}},
        {"traceparent": "00", "tracestate": None},
        {"tracestate": {"DataType": "String", "StringValue": "\x1b[2J"}},
    ]
    queue = WorkQueue(scene.sqs.client, QUEUE_URL, scene.clock, ask_for_trace=True)
    for attributes in hostile:
        scene.sqs.put("body", attributes)
    assert [each.trace for each in queue.receive(10, 0, 300)] == [None] * len(hostile)
    assert scene.sqs.calls[-1][1]["attributes"] == ["traceparent", "tracestate"]
    scene.clock.advance(300)
    assert [each.trace for each in scene.queue.receive(10, 0, 300)] == [None] * len(hostile)
    assert scene.sqs.calls[-1][1]["attributes"] == []
