"""Receives that deploys, scale-in, crashes and outages spend are not the job's failures."""

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.store import Claim, Prediction, State
from app.worker import Processor, StoppedBy, Sweeper, WorkerOptions
from tests.app.doubles.scene import Scene
from tests.app.doubles.sqs import aws_error
from tests.app.servers.databases import on_each_database

RETENTION = timedelta(days=4)


def interrupted(scene: Scene) -> None:
    """A worker that receives a message while it is being told to stop, as a deploy brings about."""
    scene.sqs.before_receive = lambda: scene.shutdown.request(signal.SIGTERM)
    report = scene.worker(WorkerOptions()).run()
    assert (report.stopped_by, report.given_back) == (StoppedBy.SIGNAL, 1)
    scene.sqs.before_receive = lambda: None
    scene.shutdown.requested_at = None


def cut_short(scene: Scene) -> None:
    """A worker whose time to finish runs out while it works."""
    processor = scene.processor()

    def stop(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        assert processor.give_back_running(10) == 1

    scene.predictor.action = stop
    received(scene, processor)
    processor.acknowledger.finish()
    scene.predictor.action = lambda _content, _should_stop: None


def crashed(scene: Scene) -> None:
    """A worker that is killed while it works: nobody says a word."""

    class KilledError(BaseException):
        pass

    def die(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        raise KilledError

    scene.predictor.action = die
    with pytest.raises(KilledError):
        received(scene, scene.processor())
    scene.predictor.action = lambda _content, _should_stop: None
    scene.clock.advance(300)


def cut_off(scene: Scene, *, heart_beats: bool = True) -> None:
    """A worker that loses a message while it works on it: SQS does not let it be extended, or nobody asks for that."""

    def take_long(_content: bytes, should_stop: Callable[[], bool]) -> None:
        scene.sqs.faults["ChangeMessageVisibility"] = [aws_error("InternalError", status=500)] * 1000
        while not should_stop():
            scene.clock.advance(scene.heartbeat.beat() if heart_beats else 300)
        scene.sqs.faults.clear()

    scene.predictor.action = take_long
    processor = scene.processor()
    received(scene, processor)
    assert processor.tally.by_name()["lease_lost"] == 1
    scene.predictor.action = lambda _content, _should_stop: None


def received(scene: Scene, processor: Processor) -> None:
    (delivery,) = scene.queue.receive(1, 20, 300)
    processor.process(*processor.take_up([delivery]))


def sweep(scene: Scene, most_failures: int | None = 3) -> None:
    Sweeper(scene.recovery, RETENTION, most_failures).tick()


def finish(scene: Scene) -> None:
    """What goes on anyway: relays publish, workers work, for as long as there is something to do."""
    for _ in range(3):
        list(scene.publisher.publish_pending())
        scene.drained().run()


def attempts_of(scene: Scene, prediction: Prediction) -> tuple[State, int]:
    now = scene.now_of(prediction.prediction_id)
    return now.state, now.attempt


@pytest.mark.parametrize("times", [1, 2, 3, 4, 7])
def test_no_number_of_restarts_before_the_start_dead_letters_a_healthy_job(scene: Scene, times: int) -> None:
    prediction = scene.published()
    for _ in range(times):
        interrupted(scene)
        list(scene.publisher.publish_pending())
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, 1)
    assert (scene.sqs.messages, scene.sqs.dead_letters) == ([], [])


@on_each_database
@pytest.mark.parametrize("times", [1, 2, 3, 4, 7])
def test_no_number_of_restarts_in_the_middle_dead_letters_a_healthy_job(scene: Scene, times: int) -> None:
    prediction = scene.published()
    for _ in range(times):
        cut_short(scene)
        list(scene.publisher.publish_pending())
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, times + 1)
    assert (scene.sqs.messages, scene.sqs.dead_letters) == ([], [])


@on_each_database
@pytest.mark.parametrize("times", [1, 2, 3, 7])
def test_no_number_of_outages_of_sqs_makes_a_healthy_job_fail(scene: Scene, times: int) -> None:
    prediction = scene.published()
    for _ in range(times):
        cut_off(scene)
        assert attempts_of(scene, prediction)[0] is State.QUEUED
        scene.clock.advance(60)
        list(scene.publisher.publish_pending())
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, times + 1)
    assert scene.sqs.messages == []


def test_a_job_that_leaves_its_worker_no_time_for_a_heartbeat_has_failed(scene: Scene) -> None:
    prediction = scene.published()
    for _ in range(3):
        cut_off(scene, heart_beats=False)
        scene.clock.advance(60)
        list(scene.publisher.publish_pending())
    finish(scene)
    assert attempts_of(scene, prediction) == (State.FAILED, 4)
    assert len(scene.predictor.contents) == 3


def test_a_message_that_is_lost_at_its_last_delivery_has_a_new_one_and_one_that_comes_again_does_no_harm(
    scene: Scene,
) -> None:
    prediction = scene.published()
    for _ in range(2):
        interrupted(scene)
    cut_off(scene)
    assert scene.outbox.backlog().waiting == 1
    scene.sqs.put(scene.sqs.messages[0].body)  # the old one again, as an operator's redrive would send it
    finish(scene)
    scene.clock.advance(60)
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, 2)
    assert scene.sqs.messages == []


def test_a_lost_lease_gives_nothing_back_that_somebody_else_has_taken_over(scene: Scene) -> None:
    prediction = scene.published()

    def take_over(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        scene.clock.advance(301)
        claim = scene.predictions.claim(
            prediction.prediction_id, message_id="m", lease_until=scene.clock.now() + timedelta(seconds=300)
        )
        assert isinstance(claim, Claim)

    scene.predictor.action = take_over
    received(scene, scene.processor())
    assert attempts_of(scene, prediction) == (State.PROCESSING, 2)


def test_a_failure_after_restarts_is_the_first_one(scene: Scene) -> None:
    prediction = scene.published()
    cut_short(scene)
    interrupted(scene)
    scene.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503)] * 2
    scene.drained().run()
    assert attempts_of(scene, prediction) == (State.QUEUED, 2)
    assert scene.sqs.dead_letters == []  # its last delivery: a new message is asked for, for later
    scene.clock.advance(60)
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, 4)


@on_each_database
def test_failures_count_across_messages(scene: Scene) -> None:
    prediction = scene.published()
    for _ in range(2):
        interrupted(scene)
    scene.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503)] * 9
    for _ in range(3):
        scene.clock.advance(60)
        list(scene.publisher.publish_pending())
        scene.drained().run()
    failed = scene.now_of(prediction.prediction_id)
    assert (failed.state, failed.attempt, failed.failure_code) == (State.FAILED, 3, "gave-up")
    assert len(scene.sqs.dead_letters) == 1


def test_a_malformed_message_is_dead_lettered_even_while_the_worker_stops(scene: Scene) -> None:
    scene.sqs.put("no message")
    for _ in range(3):
        interrupted(scene)
    scene.drained().run()
    assert len(scene.sqs.dead_letters) == 1
    assert [rejection.code for rejection in scene.rejections.newest()] == ["not-json"]


@on_each_database
def test_a_crash_under_the_last_delivery_is_found_by_the_sweeper(scene: Scene) -> None:
    prediction = scene.published()
    for _ in range(2):
        interrupted(scene)
    crashed(scene)
    scene.drained().run()
    assert len(scene.sqs.dead_letters) == 1
    sweep(scene)
    assert attempts_of(scene, prediction) == (State.PROCESSING, 1)  # not before the grace is over
    scene.clock.advance(60)
    sweep(scene)
    assert attempts_of(scene, prediction) == (State.QUEUED, 1)
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, 2)


@on_each_database
def test_what_kills_its_workers_is_given_up_after_three_and_no_fourth_is_killed(scene: Scene) -> None:
    prediction = scene.published()
    for _ in range(3):
        crashed(scene)
    scene.drained().run()
    scene.clock.advance(60)
    sweep(scene)
    given_up = scene.now_of(prediction.prediction_id)
    assert (given_up.state, given_up.failure_code) == (State.FAILED, "gave-up")
    assert "without a word" in (given_up.failure_reason or "")
    finish(scene)
    assert scene.now_of(prediction.prediction_id) == given_up
    assert len(scene.predictor.contents) == 3
    assert len(scene.sqs.dead_letters) == 1


def test_what_kills_its_workers_is_given_up_at_the_next_delivery_too(scene: Scene) -> None:
    prediction = scene.published()
    scene.sqs.max_receive_count = 10
    for _ in range(3):
        crashed(scene)
    scene.drained().run()
    assert attempts_of(scene, prediction) == (State.FAILED, 4)
    assert len(scene.predictor.contents) == 3


@on_each_database
def test_one_that_was_given_up_is_tried_anew_when_it_is_redriven(scene: Scene) -> None:
    prediction = scene.published()
    for _ in range(3):
        crashed(scene)
    scene.drained().run()
    scene.clock.advance(60)
    sweep(scene)
    scene.sqs.put(scene.sqs.dead_letters[0].body)
    crashed(scene)
    scene.drained().run()
    assert attempts_of(scene, prediction) == (State.COMPLETED, 5)


@on_each_database
def test_a_prediction_whose_message_the_queue_has_dropped_gets_a_new_one(scene: Scene) -> None:
    prediction = scene.published()
    scene.sqs.messages.clear()
    scene.clock.advance(RETENTION.total_seconds() - 1)
    sweep(scene)
    assert scene.outbox.backlog().waiting == 0
    scene.clock.advance(1)
    sweep(scene)
    assert scene.outbox.backlog().waiting == 1
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, 1)


@on_each_database
def test_a_sweep_leaves_alone_what_somebody_is_at_work_on_and_what_a_message_will_come_for(scene: Scene) -> None:
    queued, working, lapsed = (scene.published() for _ in range(3))
    until = scene.clock.now() + timedelta(seconds=10_000)
    soon = scene.clock.now() + timedelta(seconds=10)
    claim = scene.predictions.claim
    assert isinstance(claim(working.prediction_id, message_id="m", lease_until=until, is_last_delivery=True), Claim)
    assert isinstance(claim(lapsed.prediction_id, message_id="m", lease_until=soon), Claim)
    scene.clock.advance(5000)
    before = [scene.now_of(each.prediction_id) for each in (queued, working, lapsed)]
    sweep(scene)
    assert [scene.now_of(each.prediction_id) for each in (queued, working, lapsed)] == before
    assert scene.outbox.backlog().waiting == 0


@on_each_database
def test_two_sweeps_ask_for_one_message(scene: Scene) -> None:
    scene.published()
    scene.clock.advance(RETENTION.total_seconds())
    sweep(scene)
    sweep(scene)
    assert scene.outbox.backlog().waiting == 1


@on_each_database
def test_a_worker_that_was_swept_away_commits_nothing(scene: Scene) -> None:
    prediction = scene.published()
    claim = scene.predictions.claim(
        prediction.prediction_id, message_id="m", lease_until=scene.clock.now(), is_last_delivery=True
    )
    assert isinstance(claim, Claim)
    scene.clock.advance(100)
    sweep(scene)
    assert not scene.predictions.complete(claim, result_path="r", summary={})


def test_the_last_delivery_of_a_duplicate_is_nobodys_loss(scene: Scene) -> None:
    """Somebody else works on it, and dies of it afterwards: the duplicate is gone by then."""
    prediction = scene.published()
    scene.predictions.claim(
        prediction.prediction_id, message_id="other", lease_until=scene.clock.now() + timedelta(days=1)
    )
    processor = scene.processor()
    for _ in range(3):
        received(scene, processor)
        scene.clock.advance(1000)
    processor.acknowledger.finish()
    assert (scene.sqs.messages, scene.sqs.dead_letters) == ([], [])
    scene.clock.advance(2 * 24 * 3600)
    sweep(scene)
    finish(scene)
    assert attempts_of(scene, prediction) == (State.COMPLETED, 2)


def test_while_the_store_is_down_nothing_is_received(scene: Scene) -> None:
    """An outage of an hour would spend the three receives of every message."""
    predictions = [scene.published() for _ in range(20)]
    up_at = scene.clock.monotonic() + 3600

    def flaky(*_arguments: object) -> None:
        if scene.clock.monotonic() < up_at:
            raise OperationalError("SELECT", {}, Exception("down"))

    event.listen(scene.engine, "before_cursor_execute", flaky)
    report = scene.drained().run()
    assert report.outcomes["store_down"] == 4  # those of the first poll
    assert report.outcomes["completed"] == 20
    assert all(attempts_of(scene, each) == (State.COMPLETED, 1) for each in predictions)
    assert scene.sqs.dead_letters == []


def test_a_store_that_is_down_keeps_no_worker_from_stopping(scene: Scene) -> None:
    scene.published()

    def down(*_arguments: object) -> None:
        raise OperationalError("SELECT", {}, Exception("down"))

    event.listen(scene.engine, "before_cursor_execute", down)
    scene.clock.meanwhile.append(lambda: scene.shutdown.request(signal.SIGTERM))
    report = scene.worker(WorkerOptions()).run()
    assert report.stopped_by is StoppedBy.SIGNAL
    assert len(scene.sqs.messages) == 1
