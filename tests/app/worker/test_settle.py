import pytest
from structlog.testing import LogCapture

from app.work_queue import Delivery
from app.worker import Acknowledger, Settler
from app.worker.outcome import Outcome
from tests.app.doubles.scene import Scene, middle
from tests.app.doubles.sqs import aws_error


@pytest.fixture
def acknowledger(scene: Scene) -> Acknowledger:
    return Acknowledger(scene.queue, scene.clock, middle)


@pytest.fixture
def settler(scene: Scene, acknowledger: Acknowledger) -> Settler:
    return Settler(scene.queue, acknowledger, scene.sqs.visibility_seconds, middle)


def received(scene: Scene) -> Delivery:
    if not scene.sqs.messages:
        scene.sqs.put("body")
    (delivery,) = scene.queue.receive(1, 20, 300)
    return delivery


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.DUPLICATE, Outcome.RENEWED])
def test_what_is_done_is_deleted(scene: Scene, settler: Settler, acknowledger: Acknowledger, outcome: Outcome) -> None:
    settler.settle(received(scene), outcome)
    acknowledger.finish()
    assert scene.sqs.messages == []


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.FAILED])
def test_what_is_refused_comes_back_at_once_until_it_is_dead_lettered(
    scene: Scene, settler: Settler, outcome: Outcome
) -> None:
    for _ in range(3):
        settler.settle(received(scene), outcome)
    assert scene.clock.monotonic() == 0
    assert scene.queue.receive(1, 0, 300) == []
    assert len(scene.sqs.dead_letters) == 1
    assert scene.sqs.count("DeleteMessage") == 0


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.STORE_DOWN])
def test_what_may_succeed_later_waits_longer_each_time(scene: Scene, settler: Settler, outcome: Outcome) -> None:
    waits = []
    for _ in range(3):
        delivery = received(scene)
        settler.settle(delivery, outcome)
        waits.append(round(scene.sqs.messages[0].visible_at - scene.clock.monotonic()))
        scene.clock.advance(waits[-1])
    assert waits == [8, 15, 30]


def test_what_others_hold_waits_for_longer_than_their_lease(scene: Scene, settler: Settler) -> None:
    settler.settle(received(scene), Outcome.BUSY)
    assert scene.sqs.messages[0].visible_at == 300
    settler.settle(received_later(scene), Outcome.BUSY)
    assert scene.sqs.messages[0].visible_at == 300 + 600


def received_later(scene: Scene) -> Delivery:
    scene.clock.advance(300)
    return received(scene)


def test_what_is_not_ours_is_left_alone(scene: Scene, settler: Settler) -> None:
    settler.settle(received(scene), Outcome.LEASE_LOST)
    assert [name for name, _ in scene.sqs.calls] == ["ReceiveMessage"]


def test_a_message_that_cannot_be_hidden_comes_by_itself(scene: Scene, settler: Settler, app_logs: LogCapture) -> None:
    delivery = received(scene)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error("AccessDenied", status=403)]
    settler.settle(delivery, Outcome.REJECTED)
    assert app_logs.entries[-1]["event"] == "worker.visibility_failed"
    assert scene.sqs.messages[0].visible_at == 300
