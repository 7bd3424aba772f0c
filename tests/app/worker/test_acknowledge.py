import pytest
from botocore.exceptions import EndpointConnectionError
from structlog.testing import LogCapture

from app.work_queue import Delivery
from app.worker import Acknowledger
from tests.app.doubles.scene import Scene, middle
from tests.app.doubles.sqs import aws_error
from tests.app.doubles.wire import WiredSqs, response

DENIED = aws_error("AccessDenied", "DeleteMessage", 403, "User: x is not authorized to perform: sqs:DeleteMessage")


@pytest.fixture
def acknowledger(scene: Scene) -> Acknowledger:
    return Acknowledger(scene.queue, scene.clock, middle)


def received(scene: Scene, count: int) -> list[Delivery]:
    for _ in range(count):
        scene.sqs.put("body")
    found: list[Delivery] = []
    while len(found) < count:
        found += scene.queue.receive(10, 0, 300)
    return found


def pass_time(scene: Scene, acknowledger: Acknowledger, seconds: float) -> None:
    ends = scene.clock.monotonic() + seconds
    while scene.clock.monotonic() < ends:
        scene.clock.advance(acknowledger.tick())
    acknowledger.tick()


def test_ten_are_deleted_with_one_request_at_once_and_the_rest_soon(scene: Scene, acknowledger: Acknowledger) -> None:
    for delivery in received(scene, 23):
        acknowledger.acknowledge(delivery)
    assert (len(scene.sqs.messages), scene.sqs.count("DeleteMessage")) == (3, 2)
    pass_time(scene, acknowledger, 1)
    assert (len(scene.sqs.messages), scene.sqs.count("DeleteMessage")) == (0, 3)


def test_the_end_waits_for_nothing(scene: Scene, acknowledger: Acknowledger) -> None:
    for delivery in received(scene, 3):
        acknowledger.acknowledge(delivery)
    acknowledger.finish()
    assert scene.sqs.messages == []
    assert scene.clock.waits == []


def test_at_the_end_of_its_time_each_is_tried_once(scene: Scene, acknowledger: Acknowledger) -> None:
    (delivery,) = received(scene, 1)
    scene.sqs.faults["DeleteMessage"] = [EndpointConnectionError(endpoint_url="u")] * 3
    acknowledger.acknowledge(delivery)
    acknowledger.finish(0)
    assert scene.sqs.count("DeleteMessage") == 1
    assert scene.clock.waits == []


def test_entries_that_fail_are_tried_again_and_the_others_are_not(scene: Scene, acknowledger: Acknowledger) -> None:
    deliveries = received(scene, 10)
    scene.sqs.entry_faults = {
        deliveries[2].receipt_handle: [aws_error("InternalError")] * 2,
        deliveries[7].receipt_handle: [aws_error("ReceiptHandleIsInvalid")],
    }
    for delivery in deliveries:
        acknowledger.acknowledge(delivery)
    assert {message.receipt_handle for message in scene.sqs.messages} == {
        deliveries[2].receipt_handle,
        deliveries[7].receipt_handle,
    }
    pass_time(scene, acknowledger, 10)
    handles = [arguments["handles"] for name, arguments in scene.sqs.calls if name == "DeleteMessage"]
    assert handles[1:] == [[deliveries[2].receipt_handle]] * 2
    assert [message.receipt_handle for message in scene.sqs.messages] == [deliveries[7].receipt_handle]


def test_a_request_that_fails_is_tried_three_times_with_pauses(
    scene: Scene, acknowledger: Acknowledger, app_logs: LogCapture
) -> None:
    (delivery,) = received(scene, 1)
    scene.sqs.faults["DeleteMessage"] = [EndpointConnectionError(endpoint_url="u"), DENIED]
    acknowledger.acknowledge(delivery)
    pass_time(scene, acknowledger, 10)
    assert scene.sqs.messages == []
    assert [entry["event"] for entry in app_logs.entries] == ["worker.delete_failed"] * 2
    assert acknowledger.refusal is None


def test_a_delete_that_is_refused_for_good_is_told_and_the_message_stays(
    scene: Scene, acknowledger: Acknowledger
) -> None:
    (delivery,) = received(scene, 1)
    scene.sqs.faults["DeleteMessage"] = [DENIED] * 3
    acknowledger.acknowledge(delivery)
    pass_time(scene, acknowledger, 10)
    assert acknowledger.refusal is not None
    assert acknowledger.refusal.code == "AccessDenied"
    assert len(scene.sqs.messages) == 1


def test_a_delete_that_fails_otherwise_ends_nothing(scene: Scene, acknowledger: Acknowledger) -> None:
    (delivery,) = received(scene, 1)
    scene.sqs.faults["DeleteMessage"] = [aws_error("InternalError", status=500)] * 3
    acknowledger.acknowledge(delivery)
    acknowledger.finish()
    assert acknowledger.refusal is None
    assert len(scene.sqs.messages) == 1
    assert scene.clock.waits == [0.75, 1.5]


@pytest.mark.parametrize("torn", [b"", b"{}", b'{"Successful": [{"Id": "\xff', b'{"Failed": [{}]}'])
def test_what_an_answer_does_not_name_has_not_been_deleted(scene: Scene, torn: bytes) -> None:
    answers = [response(200, torn), response(200, {"Successful": [{"Id": "0"}, {"Id": "1"}]})]
    scene.queue._sqs = WiredSqs(lambda _operation, _fields: answers.pop(0)).client
    acknowledger = Acknowledger(scene.queue, scene.clock, middle)
    for number in (1, 2):
        acknowledger.acknowledge(Delivery(f"m{number}", f"h{number}", "body", 1, 0.0))
    acknowledger.finish()
    assert answers == []
    assert not acknowledger._waiting
