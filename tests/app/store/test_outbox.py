import threading
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from app.store import Backlog, Outbox, OutboxLease, Postponed, Prediction, open_database
from app.store.schema import OutboxRow
from tests.app.doubles.scene import Scene, in_thread


def ids(lease: OutboxLease) -> list[UUID]:
    return [entry.prediction.prediction_id for entry in lease.entries]


def added(scene: Scene, count: int) -> list[Prediction]:
    """Predictions, a second apart."""
    predictions = []
    for _ in range(count):
        predictions.append(scene.add())
        scene.clock.advance(1)
    return predictions


def later(scene: Scene, seconds: float) -> datetime:
    return scene.clock.now() + timedelta(seconds=seconds)


def test_what_is_due_is_taken_oldest_first_and_by_one_only(scene: Scene) -> None:
    predictions = added(scene, 5)
    first = scene.outbox.take_due(3)
    assert [entry.prediction for entry in first.entries] == predictions[:3]
    assert ids(scene.outbox.take_due(10)) == [each.prediction_id for each in predictions[3:]]
    assert ids(scene.outbox.take_due(10)) == []
    assert ids(scene.outbox.take([each.prediction_id for each in predictions])) == []


def test_what_was_taken_in_vain_is_free_again_at_once(scene: Scene) -> None:
    (prediction,) = added(scene, 1)

    def fail(*arguments: object) -> None:
        if str(arguments[2]).startswith("SELECT"):
            raise OperationalError("the read of what has been taken", {}, Exception("down"))

    event.listen(scene.engine, "before_cursor_execute", fail)
    with pytest.raises(OperationalError):
        scene.outbox.take_due(10)
    event.remove(scene.engine, "before_cursor_execute", fail)
    assert ids(scene.outbox.take_due(10)) == [prediction.prediction_id]


def test_what_was_sent_is_recorded_and_leaves_the_outbox(scene: Scene) -> None:
    sent, other = (each.prediction_id for each in added(scene, 2))
    scene.outbox.settle(scene.outbox.take([sent]), sent={sent: "message-9"})
    assert (scene.now_of(sent).message_id, scene.now_of(sent).published_at) == ("message-9", scene.clock.now())
    assert scene.now_of(other).published_at is None
    assert ids(scene.outbox.take_due(10)) == [other]
    assert scene.outbox.backlog().waiting == 1


def test_what_could_not_be_sent_waits_and_says_why(scene: Scene) -> None:
    (prediction,) = added(scene, 1)
    lease = scene.outbox.take_due(10)
    postponed = Postponed(prediction.prediction_id, "ServiceUnavailable" + "!" * 50, later(scene, 30))
    scene.outbox.settle(lease, sent={}, postponed=[postponed])
    with scene.engine.connect() as connection:
        row = connection.execute(select(OutboxRow.attempts, OutboxRow.last_error_code, OutboxRow.due_at)).one()
    assert row == (1, postponed.error_code[:40], later(scene, 30))
    assert ids(scene.outbox.take_due(10)) == []
    scene.clock.advance(30)
    assert [entry.attempts for entry in scene.outbox.take_due(10).entries] == [1]


def test_what_was_not_tried_goes_back_as_it_was(scene: Scene) -> None:
    first, second, third = (each.prediction_id for each in added(scene, 3))
    lease = scene.outbox.take_due(10)
    scene.outbox.settle(lease, sent={first: "m"}, postponed=[Postponed(second, "code", later(scene, 9))])
    back = scene.outbox.take_due(10)
    assert [(entry.prediction.prediction_id, entry.attempts) for entry in back.entries] == [(third, 0)]


def test_one_that_dies_keeps_its_entries_until_its_lease_runs_out(scene: Scene) -> None:
    (prediction,) = added(scene, 1)
    scene.outbox.take_due(10)  # and never heard of again
    scene.clock.advance(119.9)
    assert ids(scene.outbox.take_due(10)) == []
    scene.clock.advance(0.1)
    assert ids(scene.outbox.take_due(10)) == [prediction.prediction_id]


def test_one_that_comes_back_after_its_lease_takes_nothing_from_the_next(scene: Scene) -> None:
    (prediction,) = added(scene, 1)
    slow = scene.outbox.take_due(10)
    scene.clock.advance(120)
    held = scene.outbox.take_due(10)
    scene.outbox.settle(slow, sent={}, postponed=[Postponed(prediction.prediction_id, "late", later(scene, 0))])
    scene.outbox.settle(slow, sent={})
    assert ids(scene.outbox.take_due(10)) == []  # still the other's
    scene.outbox.settle(slow, sent={prediction.prediction_id: "by-the-slow-one"})
    assert scene.now_of(prediction.prediction_id).message_id == "by-the-slow-one"  # that much is true
    assert scene.outbox.backlog().waiting == 1
    scene.outbox.settle(held, sent={prediction.prediction_id: "by-the-next"})
    assert scene.now_of(prediction.prediction_id).message_id == "by-the-slow-one"
    assert scene.outbox.backlog() == Backlog(0, None)


def test_hurry_makes_all_due_in_the_order_of_age_and_takes_no_lease_away(scene: Scene) -> None:
    old, young, held = (each.prediction_id for each in added(scene, 3))
    scene.outbox.take([held])
    lease = scene.outbox.take([old, young])
    waits = [Postponed(old, "code", later(scene, 900)), Postponed(young, "code", later(scene, 30))]
    scene.outbox.settle(lease, sent={}, postponed=waits)
    oldest = scene.outbox.oldest()
    assert oldest is not None
    assert oldest.prediction_id == held
    scene.outbox.hurry()
    assert ids(scene.outbox.take_due(10)) == [old, young]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_hurry_waits_for_nobody_who_settles(scene: Scene) -> None:
    settled, waiting = (each.prediction_id for each in added(scene, 2))
    late = [Postponed(each, "code", later(scene, 900)) for each in (settled, waiting)]
    scene.outbox.settle(scene.outbox.take_due(10), sent={}, postponed=late)
    with scene.engine.begin() as settling:
        settling.execute(update(OutboxRow).where(OutboxRow.prediction_id == settled).values(attempts=2))
        hurrying = in_thread(scene.outbox.hurry)
        hurrying.join(10)
        assert not hurrying.is_alive()
    assert ids(scene.outbox.take_due(10)) == [waiting]


def test_an_empty_outbox(scene: Scene) -> None:
    assert scene.outbox.backlog() == Backlog(0, None)
    assert scene.outbox.oldest() is None
    assert ids(scene.outbox.take([uuid4()])) == []
    scene.outbox.hurry()
    assert scene.outbox.adopt() == 0


def test_of_many_that_take_at_once_no_two_take_the_same(scene: Scene) -> None:
    predictions = [scene.add() for _ in range(60)]
    together = threading.Barrier(6)
    taken: list[UUID] = []

    def relay() -> None:
        together.wait()
        while lease := ids(scene.outbox.take_due(7)):
            taken.extend(lease)

    for thread in [in_thread(relay) for _ in range(6)]:
        thread.join(30)
    assert sorted(taken) == sorted(each.prediction_id for each in predictions)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_in_postgresql_nobody_waits_for_whoever_is_just_taking(scene: Scene) -> None:
    first, second = (each.prediction_id for each in added(scene, 2))
    taking = select(OutboxRow).where(OutboxRow.prediction_id == first).with_for_update()
    found: list[list[UUID]] = []
    with scene.engine.begin() as another:
        another.execute(taking)
        relay = in_thread(lambda: found.append(ids(scene.outbox.take_due(10))))
        relay.join(10)
    assert found == [[second]]


def test_a_second_process_sees_the_same_outbox(scene: Scene, database_url: str) -> None:
    prediction = scene.add()
    engine = open_database(database_url)
    other = Outbox(engine, scene.clock)
    lease = other.take_due(10)
    assert ids(lease) == [prediction.prediction_id]
    assert ids(scene.outbox.take_due(10)) == []
    other.settle(lease, sent={prediction.prediction_id: "m"})
    assert scene.now_of(prediction.prediction_id).message_id == "m"
    engine.dispose()
