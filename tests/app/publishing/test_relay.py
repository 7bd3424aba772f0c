import signal

import pytest
from botocore.exceptions import EndpointConnectionError
from sqlalchemy.exc import OperationalError

from app.publishing import RelayStoppedBy
from app.store import Outbox
from tests.app.doubles.scene import Scene
from tests.app.doubles.sqs import aws_error
from tests.app.servers.databases import on_each_database

DOWN = EndpointConnectionError(endpoint_url="https://sqs")


def stop_when(scene: Scene, seconds: float) -> None:
    """A signal that comes after so long on the scene's clock."""

    def look() -> None:
        if scene.clock.monotonic() >= seconds and not scene.shutdown.is_requested:
            scene.shutdown.request(signal.SIGTERM)

    scene.clock.meanwhile.append(look)


@on_each_database
def test_once_publishes_all_that_is_due(scene: Scene) -> None:
    for _ in range(230):
        scene.add()
    report = scene.relay().run(once=True)
    assert (report.stopped_by, report.codes) == (RelayStoppedBy.DONE, {"published": 230})
    assert len(scene.sqs.messages) == 230
    assert scene.relay().run(once=True).codes == {}


@on_each_database
def test_once_ends_at_what_has_to_be_kept(scene: Scene) -> None:
    scene.add()
    scene.sqs.faults["SendMessage"] = [DOWN]
    report = scene.relay().run(once=True)
    assert (report.stopped_by, report.codes) == (RelayStoppedBy.KEPT, {"unavailable": 1})
    assert scene.relay().run(once=True).stopped_by is RelayStoppedBy.DONE  # it is not due yet
    scene.clock.advance(1)
    assert scene.relay().run(once=True).codes == {"published": 1}


def test_runs_until_a_signal_and_sends_what_comes_meanwhile(scene: Scene) -> None:
    stop_when(scene, 60)

    def request() -> None:
        if scene.clock.monotonic() < 30:
            scene.add()

    scene.clock.meanwhile.append(request)
    report = scene.relay().run()
    assert report.stopped_by is RelayStoppedBy.SIGNAL
    assert len(scene.sqs.messages) == report.codes["published"] > 20
    assert scene.outbox.backlog().waiting == 0


def test_an_outage_of_an_hour_is_met_with_few_requests_and_loses_nothing(scene: Scene) -> None:
    for _ in range(25):
        scene.add()
    hour = 3600.0
    refused = 0

    def down() -> None:
        nonlocal refused
        if scene.clock.monotonic() < hour:
            refused += 1
            raise DOWN

    scene.sqs._listeners.append(down)
    stop_when(scene, hour + 90)
    report = scene.relay().run()
    assert report.codes["published"] == 25
    assert report.codes["unavailable"] >= 25
    assert scene.outbox.backlog().waiting == 0
    assert 100 < refused < 300  # every 15 to 30 seconds, once the pauses have grown


def test_while_switched_off_nothing_is_sent_and_a_change_is_seen_without_a_restart(scene: Scene) -> None:
    scene.add()
    scene.switch_value = "false"
    stop_when(scene, 3600)
    sent_at: list[float] = []

    def turn_the_switch() -> None:
        if scene.clock.monotonic() >= 1800:
            scene.switch_value = "true"
        if scene.sqs.messages and not sent_at:
            sent_at.append(scene.clock.monotonic())

    scene.clock.meanwhile.append(turn_the_switch)
    scene.relay().run()
    assert 1800 <= sent_at[0] <= 1800 + 12  # the 10 s of the switch, and the pauses on the way


def test_a_store_that_does_not_answer_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.add()
    take, failures = Outbox.take_due, [OperationalError("SELECT", {}, Exception("gone"))] * 3

    def failing(outbox: Outbox, limit: int) -> object:
        if failures:
            raise failures.pop()
        return take(outbox, limit)

    monkeypatch.setattr(Outbox, "take_due", failing)
    stop_when(scene, 60)
    report = scene.relay().run()
    assert (report.store_failures, report.codes) == (3, {"published": 1})


@on_each_database
def test_one_that_fails_by_its_own_fault_holds_up_nobody(scene: Scene) -> None:
    bad = scene.add()
    for _ in range(5):
        scene.add()
    scene.sqs.refuse = lambda body: (
        {"Code": "InvalidMessageContents", "SenderFault": True} if str(bad.prediction_id) in body else None
    )
    scene.sqs.faults["SendMessage"] = [aws_error("InvalidMessageContents", "SendMessage")] * 100
    stop_when(scene, 600)
    report = scene.relay().run()
    assert report.codes["published"] == 5
    assert 2 <= report.codes["refused"] <= 6  # it is looked at now and then
    assert scene.outbox.backlog().waiting == 1  # and never dropped


@on_each_database
def test_what_an_earlier_version_recorded_is_found(scene: Scene) -> None:
    prediction = scene.add()
    lease = scene.outbox.take_due(1)
    scene.outbox.settle(lease, sent={prediction.prediction_id: None})
    with scene.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE predictions SET published_at = NULL")
    assert scene.relay().run(once=True).codes == {"published": 1}


def test_what_an_earlier_version_records_meanwhile_is_found_within_five_minutes(scene: Scene) -> None:
    stop_when(scene, 400)

    def record() -> None:
        if scene.clock.monotonic() >= 60 and not scene.predictions.find():
            scene.add()
            with scene.engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM outbox")

    scene.clock.meanwhile.append(record)
    assert scene.relay().run().codes == {"published": 1}
