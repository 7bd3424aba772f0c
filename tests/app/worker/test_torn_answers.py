"""Answers that are damaged on their way, met by a worker with a real botocore client."""

import json
from collections.abc import Callable

import pytest

from app.store import State
from app.work_queue import WorkQueue
from app.worker import StoppedBy
from tests.app.doubles.scene import Scene
from tests.app.doubles.sqs import QUEUE_URL
from tests.app.doubles.wire import Answer, Fields, WiredSqs, error_response, response

OPERATIONS = {
    "ReceiveMessage": "receive_message",
    "DeleteMessageBatch": "delete_message_batch",
    "ChangeMessageVisibility": "change_message_visibility",
    "ChangeMessageVisibilityBatch": "change_message_visibility_batch",
    "GetQueueAttributes": "get_queue_attributes",
}


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def corrupted(whole: bytes) -> bytes:
    return whole[:10] + b"\xff\xfe" + whole[12:]


def emptied(_whole: bytes) -> bytes:
    return b""


def hollow(_whole: bytes) -> bytes:
    return b"{}"


def null(_whole: bytes) -> bytes:
    return b"null"


def other(_whole: bytes) -> bytes:
    return b'{"Messages": [{}], "Attributes": {}, "Failed": [{}]}'


def page(_whole: bytes) -> bytes:
    return b"<html>a proxy's page</html>"


@pytest.mark.parametrize("damage", [cut, corrupted, emptied, hollow, null, other, page])
def test_a_damaged_answer_ends_no_worker_and_loses_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    """Each operation is damaged twice, though it is carried out: what was received then comes again by itself."""
    predictions = [scene.published() for _ in range(3)]
    left = dict.fromkeys(OPERATIONS, 2)

    def answer(operation: str, fields: Fields) -> Answer:
        done = getattr(scene.sqs, OPERATIONS[operation])(**fields)
        whole = json.dumps(done or {}).encode()
        if left[operation]:
            left[operation] -= 1
            return response(200, damage(whole))
        return response(200, whole)

    monkeypatch.setattr(scene, "queue", WorkQueue(WiredSqs(answer).client, QUEUE_URL, scene.clock))
    report = scene.drained().run()
    assert report.stopped_by is StoppedBy.DRAINED
    assert left["ReceiveMessage"] == left["DeleteMessageBatch"] == left["GetQueueAttributes"] == 0
    done = [scene.now_of(each.prediction_id) for each in predictions]
    assert [(each.state, each.attempt) for each in done] == [(State.COMPLETED, 1)] * 3
    assert scene.sqs.messages == []


def test_throttling_in_awss_own_envelope_ends_no_worker(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    prediction = scene.published()
    faults = [error_response("RequestThrottled", 403)] * 5 + [error_response("InternalFailure", 500)] * 2

    def answer(operation: str, fields: Fields) -> Answer:
        if faults:
            return faults.pop()
        return response(200, getattr(scene.sqs, OPERATIONS[operation])(**fields) or {})

    monkeypatch.setattr(scene, "queue", WorkQueue(WiredSqs(answer).client, QUEUE_URL, scene.clock))
    assert scene.drained().run().outcomes["completed"] == 1
    assert scene.now_of(prediction.prediction_id).state is State.COMPLETED
