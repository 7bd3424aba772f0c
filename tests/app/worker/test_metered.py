import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.models import StoppedError
from app.reasons import Reason
from app.store import PredictionStore, State
from app.telemetry.emf import Deltas, Heading, emf_lines
from app.telemetry.registry import Registry
from app.work_queue import WorkQueue
from app.worker import Acknowledger, Heartbeat, Processor, Settler, Sweeper, ThreadSlots, Worker, WorkerOptions
from app.worker.lease import Lease
from app.worker.metered import WorkerMetrics
from app.worker.metered_queue import MeteredQueue
from app.worker.observed import observe_worker
from tests.app.doubles.emf import read
from tests.app.doubles.numbers import counts, totals
from tests.app.doubles.scene import OTHER, OWNER, InlineSlots, Scene, middle
from tests.app.doubles.sqs import aws_error


@dataclass
class Measured:
    """A worker that is measured, and what is measured of it."""

    scene: Scene
    registry: Registry
    queue: MeteredQueue
    heartbeat: Heartbeat
    processor: Processor

    def drain(self) -> Worker:
        worker = Worker(
            queue=self.queue,
            processor=self.processor,
            slots=InlineSlots(self.processor.process),
            shutdown=self.scene.shutdown,
            clock=self.scene.clock,
            random=middle,
            options=WorkerOptions(drain=True, max_seconds=100_000),
        )
        worker.run()
        return worker

    def counts(self, name: str) -> dict[str, float]:
        return {values: number for values, number in counts(self.registry, name).items() if number}


@pytest.fixture
def measured(scene: Scene) -> Measured:
    registry = Registry({}, middle)
    metrics = WorkerMetrics(registry)
    queue = MeteredQueue(scene.queue, metrics, scene.clock)
    acknowledger = Acknowledger(queue, scene.clock, middle)
    heartbeat = Heartbeat(queue, scene.predictions, scene.sqs.visibility_seconds, scene.clock, middle)
    processor = Processor(
        handler=scene.handler(),
        heartbeat=heartbeat,
        settler=Settler(queue, acknowledger, scene.sqs.visibility_seconds, middle),
        acknowledger=acknowledger,
        store=scene.predictions,
        visibility_seconds=scene.sqs.visibility_seconds,
        clock=scene.clock,
        metrics=metrics,
    )
    return Measured(scene, registry, queue, heartbeat, processor)


def working(seconds: float, scene: Scene) -> Callable[[bytes, Callable[[], bool]], None]:
    return lambda _content, _should_stop: scene.clock.advance(seconds)


def test_a_good_day(scene: Scene, measured: Measured) -> None:
    for _ in range(12):
        scene.published()
    scene.clock.advance(100)
    scene.predictor.action = working(2, scene)
    measured.drain()
    assert measured.counts("messaging.client.consumed.messages") == {"receive": 12}
    assert measured.counts("messaging.process.duration") == {"process": 12}
    assert totals(measured.registry, "messaging.process.duration") == {"process": 24}
    assert measured.counts("retainwise.settled.messages") == {"delete": 12}
    assert measured.counts("messaging.client.operation.duration").keys() == {"receive", "delete"}
    # Inline, one after the other: the first waited for 100 s, the last for 22 s more; each was there 2 s later.
    assert totals(measured.registry, "retainwise.queue.duration")[""] == pytest.approx(12 * 100 + sum(range(0, 24, 2)))
    assert totals(measured.registry, "retainwise.prediction.duration")[""] == pytest.approx(
        12 * 100 + sum(range(2, 26, 2))
    )
    assert not measured.counts("retainwise.dead_letters")
    assert not measured.counts("retainwise.receives.burnt")


def test_what_alarms_look_at_is_there_before_it_happens(measured: Measured) -> None:
    assert counts(measured.registry, "retainwise.dead_letters") == {reason.value: 0 for reason in Reason}
    assert counts(measured.registry, "retainwise.receives.burnt") == dict.fromkeys(
        ("unstarted", "unfinished", "store_down", "busy", "lease_lost"), 0
    )
    heading = Heading("n", {}, {})
    assert list(emf_lines(measured.registry.collect(), Deltas(), heading, 0)) == [], "CloudWatch charges for each"


def test_a_bad_day(scene: Scene, measured: Measured) -> None:
    scene.published()
    forged = json.loads(scene.sqs.messages[-1].body) | {"user_id": OTHER}
    scene.sqs.put(json.dumps(forged))
    scene.sqs.put("poison")
    missing = scene.published(b"soon gone")
    scene.s3.objects.clear()
    measured.drain()
    assert scene.now_of(missing.prediction_id).state is State.FAILED
    assert measured.counts("retainwise.dead_letters") == {"not-json": 1, "not-the-owner": 1, "upload-missing": 2}
    assert len(scene.sqs.dead_letters) == 4
    assert measured.counts("messaging.process.duration") == {"process/rejected": 6, "process/failed": 6}
    assert not measured.counts("retainwise.prediction.duration")


def test_a_retried_delivery_is_no_dead_letter(scene: Scene, measured: Measured) -> None:
    scene.published()
    scene.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503)]
    measured.drain()
    assert measured.counts("messaging.process.duration") == {"process/retried": 1, "process": 1}
    assert measured.counts("retainwise.settled.messages") == {"change_visibility": 1, "delete": 1}
    assert not measured.counts("retainwise.dead_letters")


def test_what_a_store_that_is_down_burns(scene: Scene, measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.published()
    get = PredictionStore.get
    failures = [OperationalError("SELECT", {}, OSError("gone"))] * 2

    def fails(store: PredictionStore, *arguments: object) -> object:
        if failures:
            raise failures.pop()
        return get(store, *arguments)  # type: ignore[arg-type]  # whatever it was asked with

    monkeypatch.setattr(PredictionStore, "get", fails)
    monkeypatch.setattr(PredictionStore, "get_many", fails_once(PredictionStore.get_many))
    measured.drain()
    assert measured.counts("retainwise.receives.burnt") == {"store_down": 1}


def fails_once(get_many: Callable[..., object]) -> Callable[..., object]:
    failures = [OperationalError("SELECT", {}, OSError("gone"))]

    def fails(*arguments: object) -> object:
        if failures:
            raise failures.pop()
        return get_many(*arguments)

    return fails


def test_what_a_deploy_burns_is_told_apart(scene: Scene, measured: Measured) -> None:
    scene.published()
    scene.published()
    unstarted, running = scene.queue.receive(2, 0, 300)
    measured.processor.give_back([unstarted], 10)
    measured.heartbeat.watch([Lease(running, 300, scene.clock)])
    measured.processor.give_back_running(10)
    assert measured.counts("retainwise.receives.burnt") == {"unstarted": 1, "unfinished": 1}


def test_what_a_deploy_cuts_off_is_counted_once_and_is_no_dead_letter(scene: Scene, measured: Measured) -> None:
    scene.published()
    for _ in range(2):  # so that the next delivery is the last
        (delivery,) = scene.queue.receive(1, 0, 300)
        scene.queue.hide(delivery, 0)

    def cut_off(_content: bytes, should_stop: Callable[[], bool]) -> None:
        assert measured.processor.give_back_running(30) == 1
        assert should_stop()
        raise StoppedError

    scene.predictor.action = cut_off
    (lease,) = measured.processor.take_up(scene.queue.receive(1, 0, 300))
    measured.processor.process(lease)
    measured.processor.acknowledger.flush()
    assert measured.counts("messaging.process.duration") == {"process/lease_lost": 1}
    assert measured.counts("retainwise.receives.burnt") == {"unfinished": 1}
    assert not measured.counts("retainwise.dead_letters")
    assert scene.sqs.messages == scene.sqs.dead_letters == []


def test_heartbeats_are_counted_by_what_came_of_them(scene: Scene, measured: Measured) -> None:
    scene.published()
    (delivery,) = scene.queue.receive(1, 0, 300)
    measured.heartbeat.watch([Lease(delivery, 300, scene.clock)])
    scene.clock.advance(100)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error("RequestThrottled", "ChangeMessageVisibility", 400)]
    measured.heartbeat.beat()
    scene.clock.advance(5)
    measured.heartbeat.beat()
    assert measured.counts("retainwise.lease.extensions") == {"throttled": 1, "": 1}


def test_a_delete_that_fails_is_counted_each_time(scene: Scene, measured: Measured) -> None:
    scene.published()
    scene.sqs.faults["DeleteMessage"] = [aws_error("ServiceUnavailable", "DeleteMessage", 503)]
    measured.drain()
    assert measured.counts("retainwise.settled.messages") == {"delete/unavailable": 1, "delete": 1}


def test_a_receive_that_fails_has_a_duration_and_an_error(scene: Scene, measured: Measured) -> None:
    scene.sqs.faults["ReceiveMessage"] = [aws_error("ServiceUnavailable", status=503)]
    measured.drain()
    assert measured.counts("messaging.client.operation.duration") == {"receive/unavailable": 1}
    assert not measured.counts("messaging.client.consumed.messages")


def test_what_the_worker_knows_anyway_is_told(
    scene: Scene, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def wait(_lease: Lease) -> None:
        begun.set()
        assert may_end.wait(30)

    slots = ThreadSlots(3, wait)
    sweeper = Sweeper(scene.recovery, timedelta(days=4), None)
    observe_worker(measured.registry, measured.processor, slots, sweeper, 3)
    assert counts(measured.registry, "retainwise.slots.busy") == {"": 0}
    scene.published()
    slots.reserve(1, 0)
    slots.start([Lease(scene.queue.receive(1, 0, 300)[0], 300, scene.clock)])
    assert begun.wait(30)
    scene.published()
    with monkeypatch.context() as broken:
        broken.setattr(scene.predictions, "get", fails_once(scene.predictions.get))
        measured.processor.process(Lease(scene.queue.receive(1, 0, 300)[0], 300, scene.clock))
    sweeper.renewed = 2
    assert counts(measured.registry, "retainwise.slots.busy") == {"": 1}
    assert counts(measured.registry, "retainwise.slots") == {"": 3}
    assert counts(measured.registry, "retainwise.store.down") == {"": 1}
    assert measured.counts("retainwise.swept.predictions") == {"renewed": 2}
    may_end.set()
    assert slots.wait_until_idle(30)
    assert counts(measured.registry, "retainwise.slots.busy") == {"": 0}


def test_outcomes_are_those_of_the_report(scene: Scene, measured: Measured) -> None:
    scene.published()
    observe_worker(
        measured.registry,
        measured.processor,
        ThreadSlots(1, measured.processor.process),
        Sweeper(scene.recovery, timedelta(days=4), None),
        1,
    )
    measured.drain()
    assert measured.counts("retainwise.deliveries") == {"completed": 1}


def test_no_request_passes_the_measuring_queue_by() -> None:
    """What it does not override would ask a queue that it is not."""
    requests = {name for name in vars(WorkQueue) if not name.startswith("_")}
    assert requests <= vars(MeteredQueue).keys()


def test_no_line_tells_of_anybody(scene: Scene, measured: Measured) -> None:
    ids = [scene.published() for _ in range(3)]
    scene.sqs.put(json.dumps({"user_id": OTHER, "secret": "hunter2"}))
    scene.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503)]
    messages = [message.message_id for message in scene.sqs.messages]
    measured.drain()
    heading = Heading("n", {"service.name": "worker"}, {})
    lines = list(emf_lines(measured.registry.collect(), Deltas(), heading, 0))
    assert len([each for line in lines for each in read(line)]) > 5
    text = "".join(lines)
    for told in (OWNER, OTHER, "hunter2", ".csv", *messages, *(str(each.prediction_id) for each in ids)):
        assert told not in text
