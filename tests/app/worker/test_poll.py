import json
import signal
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from botocore.exceptions import EndpointConnectionError
from sqlalchemy.exc import OperationalError
from structlog.testing import LogCapture

from app.store import Prediction, State
from app.worker import StoppedBy, ThreadSlots, Worker, WorkerOptions, WorkReport
from app.worker.lease import Lease
from app.worker.outcome import Outcome
from tests.app.doubles.scene import OTHER, Scene, in_thread, middle
from tests.app.doubles.sqs import aws_error

DENIED = aws_error("AccessDenied", "ReceiveMessage", 403, "User: x is not authorized to perform: sqs:ReceiveMessage")


def counts(report: WorkReport) -> dict[str, int]:
    """What was counted, without the zeros."""
    return {name: count for name, count in report.outcomes.items() if count}


def test_drains_good_bad_and_forged_messages(scene: Scene) -> None:
    good = [scene.published() for _ in range(12)]
    victim = scene.published()
    forged = json.loads(scene.sqs.messages[-1].body) | {"user_id": OTHER}
    scene.sqs.put(json.dumps(forged))
    scene.sqs.put("poison")
    report = scene.drained().run()
    assert (report.stopped_by, report.unfinished, report.given_back) == (StoppedBy.DRAINED, 0, 0)
    assert counts(report) == {"completed": 13, "rejected": 6}
    assert report.received == 19
    assert all(scene.now_of(each.prediction_id).state is State.COMPLETED for each in [*good, victim])
    assert [message.receive_count for message in scene.sqs.dead_letters] == [3, 3]
    assert {each.code: each.receives for each in scene.rejections.newest()} == {"not-the-owner": 3, "not-json": 3}
    assert scene.sqs.messages == []
    assert set(report.outcomes) == {outcome.value for outcome in Outcome}


def test_a_forged_message_that_comes_first_takes_nothing_from_the_owner(scene: Scene) -> None:
    victim = scene.add()
    scene.sqs.put(
        json.dumps(
            {
                "prediction_id": str(victim.prediction_id),
                "user_id": OTHER,
                "upload_id": str(victim.upload_id),
                "s3_file_path": victim.s3_file_path,
                "timestamp": scene.clock.now().isoformat(),
            }
        )
    )
    scene.drained().run()
    assert scene.now_of(victim.prediction_id) == victim
    assert [result.code.value for result in scene.publisher.publish_pending()] == ["published"]
    assert counts(scene.drained().run()) == {"completed": 1}


def test_a_delivery_that_fails_for_a_while_is_done_in_the_end(scene: Scene) -> None:
    scene.published()
    scene.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503)] * 2
    report = scene.drained().run()
    assert counts(report) == {"completed": 1, "retried": 2}
    assert scene.sqs.dead_letters == []
    assert 20 <= report.seconds <= 60


def test_asks_for_at_most_the_free_slots_and_at_most_ten(scene: Scene) -> None:
    for free, asked in ((1, 1), (4, 4), (64, 10)):
        scene.sqs.calls.clear()
        worker = scene.drained()
        worker._slots.count = free  # type: ignore[attr-defined]  # the double's
        worker.run()
        assert {arguments["most"] for name, arguments in scene.sqs.calls if name == "ReceiveMessage"} == {asked}


def test_polls_long_except_when_draining(scene: Scene) -> None:
    scene.worker(WorkerOptions(poll_seconds=20, max_seconds=100)).run()
    assert [arguments["wait"] for name, arguments in scene.sqs.calls if name == "ReceiveMessage"] == [20] * 5
    scene.sqs.calls.clear()
    scene.drained().run()
    assert {arguments["wait"] for name, arguments in scene.sqs.calls if name == "ReceiveMessage"} == {1}


def test_a_lease_lasts_as_long_as_the_worker_believes_whatever_the_queue_says_meanwhile(scene: Scene) -> None:
    scene.published()
    worker = scene.drained()
    scene.sqs.visibility_seconds = 10  # somebody deploys another timeout

    def take_a_while(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        scene.clock.advance(60)
        assert scene.sqs.messages[0].visible_at > scene.clock.monotonic()

    scene.predictor.action = take_a_while
    assert counts(worker.run()) == {"completed": 1}


def test_short_polls_are_spaced(scene: Scene) -> None:
    scene.worker(WorkerOptions(poll_seconds=0, max_seconds=10)).run()
    assert 40 <= scene.sqs.count("ReceiveMessage") <= 60


def test_a_queue_that_messages_trickle_into_is_not_drained(scene: Scene) -> None:
    """Two looks find nothing, then one more message comes: the looks begin again."""
    polls = 0

    def trickle() -> None:
        nonlocal polls
        polls += 1
        if polls == 3:
            scene.published()

    scene.sqs.before_receive = trickle
    report = scene.drained().run()
    assert counts(report) == {"completed": 1}
    assert polls == 2 + 1 + 3


def test_a_drain_is_bounded(scene: Scene) -> None:
    """A message that somebody else holds keeps the queue from being empty."""
    scene.sqs.put("body")
    scene.queue.receive(1, 0, 300)
    report = scene.drained(max_seconds=60).run()
    assert (report.stopped_by, report.received) == (StoppedBy.TIME, 0)
    assert report.seconds == 60


def test_waits_for_what_others_hold_before_it_calls_the_queue_drained(scene: Scene) -> None:
    scene.published()
    scene.queue.receive(1, 0, 300)  # somebody else, who then dies
    report = scene.drained().run()
    assert (report.stopped_by, counts(report)) == (StoppedBy.DRAINED, {"completed": 1})


@pytest.mark.parametrize(
    "fault",
    [
        aws_error("RequestThrottled"),
        aws_error("InternalError", status=500),
        EndpointConnectionError(endpoint_url="u"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "torn"),
        KeyError("Body"),
    ],
    ids=str,
)
def test_a_failed_poll_is_tried_again_with_growing_pauses(scene: Scene, app_logs: LogCapture, fault: Exception) -> None:
    scene.published()
    scene.sqs.faults["ReceiveMessage"] = [fault] * 8
    report = scene.drained().run()
    assert (report.stopped_by, counts(report)) == (StoppedBy.DRAINED, {"completed": 1})
    failed = [entry for entry in app_logs.entries if entry["event"] == "worker.receive_failed"]
    assert [entry["in_a_row"] for entry in failed] == list(range(1, 9))
    assert 60 <= report.seconds <= 160


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "AWS.SimpleQueueService.NonExistentQueue"])
def test_a_receive_that_stays_refused_ends_the_worker_and_loses_nothing(
    scene: Scene, app_logs: LogCapture, code: str
) -> None:
    prediction = scene.published()
    scene.sqs.faults["ReceiveMessage"] = [aws_error(code, status=403, message="not authorized")] * 100
    report = scene.worker(WorkerOptions()).run()
    assert report.stopped_by is StoppedBy.REFUSED
    assert report.failure is not None
    assert (report.failure.code, report.failure.message) == (code.rsplit(".", 1)[-1], "not authorized")
    assert scene.sqs.count("ReceiveMessage") == 3
    assert [entry["aws_message"] for entry in app_logs.entries if "aws_message" in entry] == ["not authorized"] * 3
    assert len(scene.sqs.messages) == 1
    scene.sqs.faults.clear()
    scene.drained().run()
    assert scene.now_of(prediction.prediction_id).state is State.COMPLETED


def test_a_refusal_that_passes_ends_nothing(scene: Scene) -> None:
    """A new role's rights take a moment to be."""
    scene.published()
    scene.sqs.faults["ReceiveMessage"] = [DENIED, DENIED, aws_error("InternalError", status=500), DENIED, DENIED]
    assert counts(scene.drained().run()) == {"completed": 1}


def test_a_delete_that_stays_refused_ends_the_worker_and_loses_nothing(scene: Scene) -> None:
    first, second = scene.published(), scene.published()
    scene.sqs.faults["DeleteMessage"] = [aws_error("AccessDenied", "DeleteMessage", 403)] * 3
    worker = scene.worker(WorkerOptions())
    worker._slots.count = 1  # type: ignore[attr-defined]  # the double's

    def time_passes() -> None:
        if scene.predictor.contents:
            scene.sqs.messages[-1].visible_at = 1000  # the second one is for later
        scene.clock.advance(1)
        worker._processor.acknowledger.tick()

    scene.sqs.before_receive = time_passes
    report = worker.run()
    scene.sqs.before_receive = lambda: None
    assert report.stopped_by is StoppedBy.REFUSED
    assert counts(report) == {"completed": 1}
    assert len(scene.sqs.messages) == 2  # the first one's is still there, and is found to be done when it comes again
    assert counts(scene.drained().run()) == {"completed": 1, "duplicates": 1}
    assert scene.sqs.messages == []
    for each in (first, second):
        assert (scene.now_of(each.prediction_id).state, scene.now_of(each.prediction_id).attempt) == (
            State.COMPLETED,
            1,
        )


def test_a_signal_during_a_poll_lets_it_end_and_gives_back_what_it_brought(scene: Scene) -> None:
    prediction = scene.published()
    scene.sqs.before_receive = lambda: scene.shutdown.request(signal.SIGTERM)
    report = scene.worker(WorkerOptions()).run()
    assert (report.stopped_by, report.received, report.given_back) == (StoppedBy.SIGNAL, 1, 1)
    assert scene.predictor.contents == []
    (message,) = scene.sqs.messages
    assert message.visible_at <= scene.clock.monotonic()  # at once somebody else's
    assert scene.now_of(prediction.prediction_id).state is State.QUEUED


def test_a_signal_ends_a_pause_between_polls(scene: Scene) -> None:
    scene.sqs.faults["ReceiveMessage"] = [aws_error("InternalError", status=500)] * 100
    wait = scene.clock.wait

    def interrupted(event: threading.Event, seconds: float) -> bool:
        scene.shutdown.request(signal.SIGTERM)
        return wait(event, seconds)

    scene.clock.wait = interrupted  # type: ignore[method-assign]  # as a signal would come
    report = scene.worker(WorkerOptions()).run()
    assert report.stopped_by is StoppedBy.SIGNAL
    assert report.seconds <= 0.5


def running(scene: Scene, action: Callable[[bytes, Callable[[], bool]], None], options: WorkerOptions) -> Worker:
    """A worker with threads, whose model does as it is told."""
    scene.predictor.action = action
    processor = scene.processor()
    return Worker(
        queue=scene.queue,
        processor=processor,
        slots=ThreadSlots(1, processor.process),
        shutdown=scene.shutdown,
        clock=scene.clock,
        random=middle,
        options=options,
    )


def test_what_is_running_at_a_signal_finishes(scene: Scene) -> None:
    prediction = scene.published()
    began = threading.Event()

    def slow(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        began.set()
        assert stopping.wait(10)

    stopping = threading.Event()
    worker = running(scene, slow, WorkerOptions(shutdown_seconds=10))
    reports: list[WorkReport] = []
    thread = in_thread(lambda: reports.append(worker.run()))
    assert began.wait(10)
    scene.shutdown.request(signal.SIGTERM)
    stopping.set()
    thread.join(20)
    (report,) = reports
    assert (report.stopped_by, report.unfinished, counts(report)) == (StoppedBy.SIGNAL, 0, {"completed": 1})
    assert scene.now_of(prediction.prediction_id).state is State.COMPLETED
    assert scene.sqs.messages == []


def test_what_does_not_finish_in_time_goes_back_and_cannot_commit(scene: Scene) -> None:
    prediction = scene.published()
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    told: list[bool] = []

    def endless(_content: bytes, should_stop: Callable[[], bool]) -> None:
        told.append(should_stop())
        began.set()
        assert go_on.wait(10)
        told.append(should_stop())

    worker = running(scene, endless, WorkerOptions(shutdown_seconds=0))
    process = worker._processor.process

    def process_and_tell(lease: Lease) -> None:
        process(lease)
        ended.set()

    worker._slots = ThreadSlots(1, process_and_tell)
    reports: list[WorkReport] = []
    thread = in_thread(lambda: reports.append(worker.run()))
    assert began.wait(10)
    scene.shutdown.request(signal.SIGTERM)
    thread.join(20)
    (report,) = reports
    assert (report.unfinished, report.given_back) == (1, 1)
    (message,) = scene.sqs.messages
    assert message.visible_at <= scene.clock.monotonic()
    given_back = scene.now_of(prediction.prediction_id)
    assert (given_back.state, given_back.failure_code) == (State.QUEUED, "shutdown")
    go_on.set()
    assert ended.wait(10)
    assert told == [False, True]
    assert scene.now_of(prediction.prediction_id) == given_back  # it had lost the right to commit
    assert len(scene.sqs.messages) == 1
    scene.predictor.action = lambda _content, _should_stop: None
    scene.drained()  # a new worker
    scene.shutdown.requested_at = None
    assert counts(scene.drained().run()) == {"completed": 1}
    assert scene.now_of(prediction.prediction_id).attempt == 2


def test_a_success_that_is_told_late_does_not_hide_a_failure_of_the_store(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one commits, then the store goes down and the other fails; only then the one comes to its end."""
    processor = scene.processor()
    scene.published()
    scene.published()
    first, second = processor.take_up(scene.queue.receive(2, 0, 300))
    forget = scene.heartbeat.forget

    def fail_meanwhile(lease: Lease) -> None:
        if lease is first:
            monkeypatch.setattr(scene.predictions, "complete", down)
            monkeypatch.setattr(scene.predictions, "get", down)
            processor.process(second)
        forget(lease)

    monkeypatch.setattr(scene.heartbeat, "forget", fail_meanwhile)
    processor.process(first)
    assert {name: count for name, count in processor.tally.by_name().items() if count} == {
        "completed": 1,
        "store_down": 1,
    }
    assert processor.store_is_down
    assert not processor.look_at_store()
    monkeypatch.undo()
    assert processor.look_at_store()
    assert not processor.store_is_down


def test_a_failure_while_the_store_is_asked_is_newer_than_its_answer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor = scene.processor()
    scene.published()
    scene.published()
    leases = processor.take_up(scene.queue.receive(2, 0, 300))
    monkeypatch.setattr(scene.predictions, "complete", down)
    processor.process(leases[0])
    get = scene.predictions.get

    def fail_meanwhile(prediction_id: UUID) -> Prediction | None:
        answer = get(prediction_id)
        if len(scene.predictor.contents) == 1:
            processor.process(leases[1])
        return answer

    monkeypatch.setattr(scene.predictions, "get", fail_meanwhile)
    assert not processor.look_at_store()
    assert processor.look_at_store()


def down(*_arguments: object, **_named: object) -> None:
    raise OperationalError("SELECT", {}, Exception("down"))


def test_every_line_of_a_job_carries_its_ids(scene: Scene, app_logs: LogCapture) -> None:
    first, second = scene.published(), scene.published()
    scene.drained().run()
    ids = {
        (entry.get("message_id"), entry.get("prediction_id"))
        for entry in app_logs.entries
        if entry["event"] in {"prediction.claimed", "prediction.completed"}
    }
    assert ids == {("message-1", str(first.prediction_id)), ("message-2", str(second.prediction_id))}
