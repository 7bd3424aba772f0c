from structlog.testing import LogCapture

from app.worker.drain import DrainWatch
from tests.app.doubles.scene import Scene
from tests.app.doubles.sqs import aws_error


def test_one_look_proves_nothing(scene: Scene) -> None:
    watch = DrainWatch(scene.queue)
    assert [watch.look() for _ in range(3)] == [False, False, True]


def test_a_message_in_flight_is_not_empty(scene: Scene) -> None:
    watch = DrainWatch(scene.queue)
    scene.sqs.put("body")
    (delivery,) = scene.queue.receive(1, 0, 300)
    assert not any(watch.look() for _ in range(5))
    assert scene.queue.delete_many([delivery]) == {}
    assert [watch.look() for _ in range(3)] == [False, False, True]


def test_a_message_or_a_failed_look_begins_the_count_again(scene: Scene, app_logs: LogCapture) -> None:
    watch = DrainWatch(scene.queue)
    assert not watch.look()
    assert not watch.look()
    watch.saw_messages()
    assert not watch.look()
    assert not watch.look()
    scene.sqs.faults["GetQueueAttributes"] = [aws_error("InternalError", status=500)]
    assert not watch.look()
    assert app_logs.entries[-1]["event"] == "worker.look_failed"
    assert [watch.look() for _ in range(3)] == [False, False, True]
