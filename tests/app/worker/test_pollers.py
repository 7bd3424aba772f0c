import signal
import threading

import pytest

from app.clock import SystemClock
from app.shutdown import Shutdown
from app.store import State
from app.worker import StoppedBy, ThreadSlots, Worker, WorkerOptions, WorkReport
from tests.app.doubles.scene import Scene, in_thread, middle


def worker_of(scene: Scene, concurrency: int, options: WorkerOptions) -> Worker:
    processor = scene.processor()
    return Worker(
        queue=scene.queue,
        processor=processor,
        slots=ThreadSlots(concurrency, processor.process),
        shutdown=scene.shutdown,
        clock=scene.clock,
        random=middle,
        options=options,
    )


def test_others_fill_the_slots_that_one_request_cannot(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty jobs of which none ends before all have begun."""
    monkeypatch.setattr(scene.clock, "advance", lambda _seconds: None)  # polls that find nothing take no time
    scene.shutdown = Shutdown(SystemClock())
    predictions = [scene.published() for _ in range(30)]
    together = threading.Barrier(30, timeout=60)

    def wait(_content: bytes, _should_stop: object) -> None:
        together.wait()

    scene.predictor.action = wait
    report = worker_of(scene, 30, WorkerOptions(concurrency=30, drain=True, max_seconds=100_000)).run()
    assert {name: count for name, count in report.outcomes.items() if count} == {"completed": 30}
    assert all(scene.now_of(each.prediction_id).state is State.COMPLETED for each in predictions)
    assert {arguments["most"] for name, arguments in scene.sqs.calls if name == "ReceiveMessage"} <= set(range(1, 11))


def test_never_more_is_received_than_can_be_started(scene: Scene) -> None:
    for _ in range(60):
        scene.published()
    begun, go_on = threading.Semaphore(0), threading.Event()

    def wait(_content: bytes, _should_stop: object) -> None:
        begun.release()
        assert go_on.wait(60)

    scene.predictor.action = wait
    worker = worker_of(scene, 25, WorkerOptions(concurrency=25, shutdown_seconds=60))
    reports: list[WorkReport] = []
    thread = in_thread(lambda: reports.append(worker.run()))
    for _ in range(25):
        assert begun.acquire(timeout=60)
    received = sum(message.receive_count for message in scene.sqs.messages)
    assert received == 25
    scene.shutdown.request(signal.SIGTERM)
    go_on.set()
    thread.join(60)
    (report,) = reports
    assert (report.stopped_by, report.unfinished, report.received) == (StoppedBy.SIGNAL, 0, 25)
    assert [message.receive_count for message in scene.sqs.messages] == [0] * 35


def test_one_is_enough_for_a_queue_that_is_not_full(scene: Scene) -> None:
    worker_of(scene, 64, WorkerOptions(concurrency=64, max_seconds=200)).run()
    assert scene.sqs.count("ReceiveMessage") == 10  # long polls of one poller
