"""What one receive brings is claimed at once, and none of it depends on what else is in it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from structlog.testing import LogCapture

from app.store import Claim, Prediction, State
from app.worker.lease import Lease
from tests.app.doubles.hostile import PATH, PREDICTION, UPLOAD, Hostile, hostile_bodies
from tests.app.doubles.scene import OTHER, OWNER, Scene
from tests.app.servers.databases import on_each_database

pytestmark = on_each_database


def taken_up(scene: Scene) -> list[Lease]:
    return scene.processor().take_up(scene.queue.receive(10, 0, 300))


def claimed(leases: list[Lease]) -> list[bool]:
    return [lease.claim is not None for lease in leases]


def claim_of(scene: Scene, prediction: Prediction) -> Claim:
    """Somebody else's."""
    until = scene.clock.now() + timedelta(seconds=300)
    claim = scene.predictions.claim(prediction.prediction_id, message_id="m", lease_until=until)
    assert isinstance(claim, Claim)
    return claim


def forged(scene: Scene, prediction: Prediction) -> str:
    (body,) = [each.body for each in scene.sqs.messages if str(prediction.prediction_id) in each.body]
    return json.dumps(json.loads(body) | {"user_id": OTHER})


def in_eights(bodies: list[Hostile]) -> Iterator[list[Hostile]]:
    left = iter(bodies)
    while eight := list(islice(left, 8)):
        yield eight


def statements_of(scene: Scene) -> list[str]:
    seen: list[str] = []

    def see(*arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith("SET LOCAL"):
            seen.append(statement)

    event.listen(scene.engine, "before_cursor_execute", see)
    return seen


def test_ten_are_admitted_and_claimed_with_one_statement_each(scene: Scene) -> None:
    predictions = [scene.published() for _ in range(10)]
    seen = statements_of(scene)
    leases = taken_up(scene)
    assert len(seen) == 2
    assert [lease.claim for lease in leases] == [Claim(each.prediction_id, 1) for each in predictions]
    assert scene.heartbeat.watched == leases
    assert all(scene.now_of(each.prediction_id).state is State.PROCESSING for each in predictions)


def test_all_ten_are_done_and_committed(scene: Scene) -> None:
    predictions = [scene.published() for _ in range(10)]
    report = scene.drained().run()
    assert report.outcomes["completed"] == 10
    assert {(each.state, each.attempt) for each in scene.predictions.find()} == {(State.COMPLETED, 1)}
    assert len(scene.predictor.contents) == len(predictions)


def test_each_is_judged_by_itself(scene: Scene) -> None:
    """One that is good, beside one of each other kind; what is not claimed together is found out about alone."""
    good, busy, done, twice, victim, given_up = [scene.published() for _ in range(6)]
    claim_of(scene, busy)
    scene.predictions.complete(claim_of(scene, done), result_path="r", summary={})
    scene.predictions.fail(claim_of(scene, given_up), code="c", reason="r", message_id="an earlier one")
    scene.sqs.put(next(each.body for each in scene.sqs.messages if str(twice.prediction_id) in each.body))
    scene.sqs.messages[4].body = forged(scene, victim)
    scene.sqs.put("poison")
    victim = scene.now_of(victim.prediction_id)
    leases = taken_up(scene)
    assert claimed(leases) == [True, False, False, True, False, False, False, False]
    assert scene.now_of(victim.prediction_id) == victim
    processor = scene.processor()
    for lease in leases:
        processor.process(lease)
    assert {name: count for name, count in processor.tally.by_name().items() if count} == {
        "completed": 3,  # the good one, the one that came twice, and the one that a redrive gives another chance
        "busy": 1,
        "duplicates": 2,
        "rejected": 2,
    }
    assert scene.now_of(victim.prediction_id) == victim
    assert {each.code for each in scene.rejections.newest()} == {"not-the-owner", "not-json"}
    assert scene.now_of(good.prediction_id).attempt == 1


def test_no_hostile_body_harms_its_neighbours(scene: Scene) -> None:
    victim = scene.predictions.add(
        prediction_id=UUID(PREDICTION), user_id=OWNER, upload_id=UUID(UPLOAD), s3_file_path=PATH
    )
    for batch in in_eights(hostile_bodies()):
        neighbours = [scene.published()]
        for hostile in batch:
            scene.sqs.put(hostile.body)
        neighbours.append(scene.published())
        leases = taken_up(scene)
        expected = [Claim(each.prediction_id, 1) for each in neighbours]
        assert [lease.claim for lease in leases if lease.claim] == expected, [each.name for each in batch]
        scene.sqs.messages.clear()
    assert scene.now_of(victim.prediction_id) == victim


def test_a_lapsed_one_is_taken_over_and_counts_as_failed(scene: Scene) -> None:
    prediction = scene.published()
    claim_of(scene, prediction)
    scene.sqs.messages[0].visible_at += 1000
    scene.clock.advance(1000)
    (lease,) = taken_up(scene)
    assert lease.claim == Claim(prediction.prediction_id, 2)
    assert lease.claim.failures == 1


def test_a_last_delivery_is_claimed_alone_so_that_the_store_knows_of_it(scene: Scene) -> None:
    scene.published()
    for _ in range(2):
        taken_up(scene)
        scene.clock.advance(1000)
    (lease,) = taken_up(scene)
    assert lease.delivery.receive_count == 3
    assert lease.claim is None


def test_when_the_batch_fails_each_is_tried_alone(scene: Scene, app_logs: LogCapture) -> None:
    predictions = [scene.published() for _ in range(4)]
    failing = ["the read of all four"]

    def fail_once(*_arguments: object) -> None:
        if failing:
            raise OperationalError(failing.pop(), {}, Exception("down"))

    event.listen(scene.engine, "before_cursor_execute", fail_once)
    assert scene.drained().run().outcomes["completed"] == 4
    assert [each["kind"] for each in app_logs.entries if each["event"] == "worker.batch_not_claimed"] == [
        "OperationalError"
    ]
    assert all(scene.now_of(each.prediction_id).attempt == 1 for each in predictions)


def test_what_was_claimed_and_never_begun_goes_back_at_a_shutdown(scene: Scene) -> None:
    predictions = [scene.published() for _ in range(3)]
    processor = scene.processor()
    leases = processor.take_up(scene.queue.receive(10, 0, 300))
    assert processor.give_back_running(10) == 3
    assert {scene.now_of(each.prediction_id).state for each in predictions} == {State.QUEUED}
    assert all(each.visible_at <= scene.clock.monotonic() for each in scene.sqs.messages)
    for lease in leases:  # a slot that begins after all
        processor.process(lease)
    assert processor.tally.by_name()["lease_lost"] == 3
    assert scene.drained().run().outcomes["completed"] == 3
