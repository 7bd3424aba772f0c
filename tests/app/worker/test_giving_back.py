"""At a stop, claims and messages go back, whatever hangs meanwhile; and none is counted as failed."""

import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from structlog.testing import LogCapture

from app.aws_failures import AwsFailure
from app.reasons import Reason
from app.store import Claim, ClaimRefusal, State
from app.worker import Processor, StoppedBy, ThreadSlots, Worker, WorkerOptions
from app.worker.lease import Lease
from tests.app.doubles.scene import Scene, in_thread, middle
from tests.app.doubles.sqs import aws_error


@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """What hangs, hangs until this is set: at the test's end."""
    released = threading.Event()
    yield released
    released.set()


def states(scene: Scene) -> set[tuple[State, str | None]]:
    return {(each.state, each.failure_code) for each in scene.predictions.find()}


def visible(scene: Scene) -> int:
    return sum(message.visible_at <= scene.clock.monotonic() for message in scene.sqs.messages)


def failures_of(scene: Scene) -> list[int]:
    """What the next to claim would be told."""
    until = scene.clock.now() + timedelta(seconds=300)
    claims = scene.predictions.claim_many([each.prediction_id for each in scene.predictions.find()], lease_until=until)
    return [claim.failures for claim in claims.values()]


def taken_up(scene: Scene, processor: Processor, count: int) -> list[Lease]:
    for _ in range(count):
        scene.published()
    leases: list[Lease] = []
    while deliveries := scene.queue.receive(10, 0, 300):
        leases += processor.take_up(deliveries)
    return leases


def test_messages_go_back_in_tens(scene: Scene) -> None:
    processor = scene.processor()
    assert len(taken_up(scene, processor, 25)) == 25
    scene.sqs.calls.clear()
    assert processor.give_back_running(5) == 25
    assert [name for name, _ in scene.sqs.calls] == ["ChangeMessageVisibility"] * 3
    assert visible(scene) == 25
    assert states(scene) == {(State.QUEUED, "shutdown")}
    assert failures_of(scene) == [0] * 25


def test_a_store_that_hangs_takes_half_of_the_time_and_the_messages_go_back_nevertheless(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, hanging: threading.Event
) -> None:
    processor = scene.processor()
    taken_up(scene, processor, 2)

    def hang(*_arguments: object, **_named: object) -> bool:
        scene.clock.advance(3)
        hanging.wait(30)
        return False

    monkeypatch.setattr(scene.predictions, "release", hang)
    assert processor.give_back_running(5) == 2
    assert visible(scene) == 2
    assert scene.clock.monotonic() == 3


def test_a_queue_that_hangs_takes_no_more_than_the_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, hanging: threading.Event
) -> None:
    processor = scene.processor()
    taken_up(scene, processor, 1)

    def hang(*_arguments: object) -> dict[int, AwsFailure]:
        scene.clock.advance(6)
        hanging.wait(30)
        return {}

    monkeypatch.setattr(scene.queue, "give_back_many", hang)
    assert processor.give_back_running(5) == 1
    assert states(scene) == {(State.QUEUED, "shutdown")}


def test_a_message_that_cannot_be_given_back_comes_by_itself(scene: Scene) -> None:
    processor = scene.processor()
    taken_up(scene, processor, 2)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error("InternalError", status=500)]
    assert processor.give_back_running(5) == 2
    assert visible(scene) == 0
    assert states(scene) == {(State.QUEUED, "shutdown")}


def test_a_message_that_is_not_ours_any_more_is_left_alone(scene: Scene) -> None:
    processor = scene.processor()
    taken_up(scene, processor, 1)
    scene.clock.advance(300)
    (theirs,) = scene.queue.receive(1, 0, 300)
    assert processor.give_back_running(5) == 0
    assert scene.sqs.messages[0].receipt_handle == theirs.receipt_handle
    assert visible(scene) == 0


def test_one_that_is_stopped_before_its_claim_claims_nothing(scene: Scene) -> None:
    processor = scene.processor()
    scene.published()
    (delivery,) = scene.queue.receive(1, 0, 300)
    lease = Lease(delivery, 300, scene.clock)
    processor.heartbeat.watch([lease])
    assert processor.give_back_running(5) == 1
    processor.process(lease)
    assert states(scene) == {(State.QUEUED, None)}
    assert scene.now_of(scene.predictions.find()[0].prediction_id).attempt == 0
    assert scene.predictor.contents == []


@pytest.mark.parametrize("method", ["claim", "claim_many"])
def test_a_claim_that_is_being_taken_is_waited_for_and_given_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The stop comes while the store carries the claim out."""
    processor = scene.processor()
    scene.published()
    (delivery,) = scene.queue.receive(1, 0, 300)
    claims: Callable[..., Claim | ClaimRefusal] = getattr(scene.predictions, method)
    claiming, revoked = threading.Event(), threading.Event()

    def slow(*arguments: object, **named: object) -> Claim | ClaimRefusal:
        claiming.set()
        assert revoked.wait(10)
        return claims(*arguments, **named)

    def stop() -> None:
        assert claiming.wait(10)
        (lease,) = processor.heartbeat.watched
        revoke = lease.revoke

        def revoke_and_tell(because: str, code: Reason = Reason.LEASE_LOST) -> bool:
            try:
                return revoke(because, code)
            finally:
                revoked.set()

        lease.revoke = revoke_and_tell  # type: ignore[method-assign]  # to know when
        processor.give_back_running(100)

    monkeypatch.setattr(scene.predictions, method, slow)
    stopping = in_thread(stop)
    if method == "claim":
        lease = Lease(delivery, 300, scene.clock)
        processor.heartbeat.watch([lease])
        processor.process(lease)
    else:
        (lease,) = processor.take_up([delivery])
    stopping.join(10)
    assert states(scene) == {(State.QUEUED, "shutdown")}
    assert visible(scene) == 1
    monkeypatch.undo()
    assert failures_of(scene) == [0]
    assert scene.predictor.contents == []


def test_what_is_claimed_when_the_signal_comes_is_not_begun(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        scene.published()
    claim_many = scene.predictions.claim_many

    def claim_and_stop(*arguments: object, **named: object) -> object:
        claims = claim_many(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        scene.shutdown.request(signal.SIGTERM)
        return claims

    monkeypatch.setattr(scene.predictions, "claim_many", claim_and_stop)
    report = scene.worker(WorkerOptions()).run()
    assert (report.received, report.given_back, report.unfinished) == (3, 3, 0)
    assert scene.predictor.contents == []
    assert states(scene) == {(State.QUEUED, "shutdown")}
    assert visible(scene) == 3
    monkeypatch.undo()
    assert failures_of(scene) == [0] * 3


class Hung:
    """A worker whose second poll hangs while its first message is being worked on, when the signal comes."""

    def __init__(self, scene: Scene, hanging: threading.Event) -> None:
        self.scene = scene
        self.may_answer, self.began = threading.Event(), threading.Event()
        self.polls = 0
        scene.predictor.action = self._work
        scene.sqs.before_receive = self._hang
        self._may_end = hanging
        self.processor = scene.processor()
        self.worker = Worker(
            queue=scene.queue,
            processor=self.processor,
            slots=ThreadSlots(2, self.processor.process),
            shutdown=scene.shutdown,
            clock=scene.clock,
            random=middle,
            options=WorkerOptions(shutdown_seconds=25),
        )

    def _work(self, _content: bytes, _should_stop: Callable[[], bool]) -> None:
        self.began.set()
        assert self._may_end.wait(30)

    def _hang(self) -> None:
        self.polls += 1
        if self.polls == 2:
            assert self.began.wait(30)
            self.scene.published()
            self.scene.shutdown.request(signal.SIGTERM)
            self.scene.clock.advance(21)
            assert self.may_answer.wait(30)


def test_a_poll_that_hangs_keeps_nobody_from_giving_back_in_time(
    scene: Scene, hanging: threading.Event, app_logs: LogCapture
) -> None:
    prediction = scene.published()
    hung = Hung(scene, hanging)
    finish = hung.processor.acknowledger.finish

    def finish_and_pass_time(seconds: float = 10.0) -> None:
        finish(seconds)
        scene.clock.advance(4)

    hung.processor.acknowledger.finish = finish_and_pass_time  # type: ignore[method-assign]  # as it may take
    report = hung.worker.run()
    assert (report.stopped_by, report.received, report.given_back, report.unfinished) == (StoppedBy.SIGNAL, 1, 1, 1)
    assert report.seconds == 25
    assert "worker.poll_left" in [entry["event"] for entry in app_logs.entries]
    given_back = scene.now_of(prediction.prediction_id)
    assert (given_back.state, given_back.failure_code) == (State.QUEUED, "shutdown")
    assert visible(scene) == 2
    hung.may_answer.set()


def test_what_such_a_poll_brings_while_there_is_time_goes_back_too(
    scene: Scene, hanging: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.published()
    hung = Hung(scene, hanging)
    give_back_running = hung.processor.give_back_running

    def answer_late(seconds: float) -> int:
        count = give_back_running(seconds)
        hung.may_answer.set()
        return count

    monkeypatch.setattr(hung.processor, "give_back_running", answer_late)
    report = hung.worker.run()
    assert (report.received, report.given_back, report.unfinished) == (2, 2, 1)
    assert visible(scene) == 2
    assert states(scene) == {(State.QUEUED, "shutdown"), (State.QUEUED, None)}
    assert failures_of(scene) == [0, 0]


def test_a_mistake_in_the_loop_ends_the_worker(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise TypeError("a mistake")

    processor = scene.processor()
    monkeypatch.setattr(processor, "look_at_store", broken)
    with pytest.raises(TypeError, match="a mistake"):
        scene.worker(WorkerOptions(), processor).run()
