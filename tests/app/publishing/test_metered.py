import signal
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.publishing import Dispatcher, PublishCode, Relay, Sender
from app.publishing.metered import MeteredPublisher, observe_outbox, observe_relay, observe_switch
from app.publishing.metered_sender import SenderMetrics
from app.store import Outbox
from app.store.outbox_records import Backlog
from app.telemetry.registry import Registry
from tests.app.doubles.numbers import counts, totals
from tests.app.doubles.scene import Scene, middle
from tests.app.doubles.sqs import aws_error


@pytest.fixture
def registry() -> Registry:
    return Registry({})


def counted(registry: Registry, name: str) -> dict[str, float]:
    return {values: number for values, number in counts(registry, name).items() if number}


@pytest.fixture
def publisher(scene: Scene, registry: Registry) -> MeteredPublisher:
    sender = Sender(scene.client, scene.clock, middle, SenderMetrics(registry))
    return MeteredPublisher(
        predictions=scene.predictions,
        outbox=scene.outbox,
        dispatcher=Dispatcher(sender, scene.outbox, scene.clock, middle, group_by_user=False),
        kill_switch=scene.kill_switch,
        clock=scene.clock,
        metrics=registry,
    )


def test_what_is_sent_is_counted_once_whoever_sends_it(
    scene: Scene, publisher: MeteredPublisher, registry: Registry
) -> None:
    publisher.publish_prediction(scene.add().prediction_id)
    for _ in range(3):
        scene.add()
    assert [result.code for result in publisher.publish_pending()] == [PublishCode.PUBLISHED] * 3
    assert counts(registry, "messaging.client.sent.messages") == {"send": 4}
    assert counted(registry, "retainwise.publish.requests") == {"published": 4}
    assert counts(registry, "messaging.client.operation.duration") == {"send": 2}, "one request, and one batch"
    assert counted(registry, "retainwise.publish.retries") == {}


@pytest.mark.usefixtures("publisher")
def test_what_alarms_look_at_is_there_before_it_happens(registry: Registry) -> None:
    assert counts(registry, "retainwise.publish.requests") == {code.value: 0 for code in PublishCode}
    assert counts(registry, "retainwise.publish.retries") == {"": 0}


def test_what_sqs_does_not_take_has_an_error(scene: Scene, publisher: MeteredPublisher, registry: Registry) -> None:
    scene.sqs.faults["SendMessage"] = [
        aws_error("AccessDenied", "SendMessage", 403),
        aws_error("ServiceUnavailable", "SendMessage", 503),
    ]
    publisher.publish_prediction(scene.add().prediction_id)
    publisher.publish_prediction(scene.add().prediction_id)
    assert counts(registry, "messaging.client.sent.messages") == {"send/refused": 1, "send/unavailable": 1}
    assert counts(registry, "messaging.client.operation.duration") == {"send/refused": 1, "send/unavailable": 1}


def test_of_an_outage_only_what_sqs_was_asked_to_take_is_counted(
    scene: Scene, publisher: MeteredPublisher, registry: Registry
) -> None:
    for _ in range(25):
        scene.add()
    scene.sqs.faults["SendMessageBatch"] = [aws_error("InternalError", status=500)]
    publisher.publish_due()
    assert counted(registry, "retainwise.publish.requests") == {"unavailable": 25}
    assert counts(registry, "messaging.client.sent.messages") == {"send/unavailable": 10}
    assert counts(registry, "messaging.client.operation.duration") == {"send/unavailable": 1}


def test_each_request_has_its_own_duration_and_pauses_between_them_have_none(
    scene: Scene, publisher: MeteredPublisher, registry: Registry
) -> None:
    throttled = [{"Code": "RequestThrottled", "SenderFault": True}]
    scene.sqs.refuse = lambda _body: throttled.pop() if throttled else None
    for _ in range(12):
        scene.add()
    publisher.publish_due()
    assert counts(registry, "messaging.client.operation.duration") == {"send": 3}
    assert totals(registry, "messaging.client.operation.duration") == {"send": 0}
    assert counts(registry, "messaging.client.sent.messages") == {"send": 12, "send/throttled": 1}


def test_a_batch_that_sqs_cannot_stomach_is_counted_and_so_is_each_of_its_messages(
    scene: Scene, publisher: MeteredPublisher, registry: Registry
) -> None:
    for _ in range(2):
        scene.add()
    scene.sqs.faults["SendMessageBatch"] = [aws_error("InvalidParameterValue", status=400)]
    publisher.publish_due()
    assert counts(registry, "messaging.client.sent.messages") == {"send/other": 2, "send": 2}
    assert counts(registry, "messaging.client.operation.duration") == {"send/other": 1, "send": 2}


def test_what_is_not_tried_is_not_sent(scene: Scene, publisher: MeteredPublisher, registry: Registry) -> None:
    scene.switch_value = "false"
    publisher.publish_prediction(scene.add().prediction_id)
    assert counted(registry, "retainwise.publish.requests") == {"disabled": 1}
    assert counts(registry, "messaging.client.sent.messages") == {}


def test_repeated_requests_are_counted(scene: Scene, publisher: MeteredPublisher, registry: Registry) -> None:
    refusals = [{"Code": "ServiceUnavailable", "SenderFault": False}]
    scene.sqs.refuse = lambda _body: refusals.pop() if refusals else None
    for _ in range(2):
        scene.add()
    assert len(list(publisher.publish_pending())) == 2
    assert counted(registry, "retainwise.publish.retries") == {"": 1}


def test_the_backlog_is_asked_for_once_with_each_look(
    scene: Scene, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    backlog = Outbox.backlog

    def counted(outbox: Outbox) -> Backlog:
        asked.append(1)
        return backlog(outbox)

    monkeypatch.setattr(Outbox, "backlog", counted)
    observe_outbox(registry, scene.outbox, scene.clock)
    assert counts(registry, "retainwise.outbox.oldest") == {"": 0}
    scene.add()
    scene.add()
    scene.clock.advance(90)
    asked.clear()
    families = {family.description.name: family.points for family in registry.collect()}
    assert families == {"retainwise.outbox.waiting": [({}, 2)], "retainwise.outbox.oldest": [({}, 90)]}
    assert len(asked) == 1


def test_a_store_that_is_down_hides_only_the_backlog(
    scene: Scene, publisher: MeteredPublisher, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe_outbox(registry, scene.outbox, scene.clock)
    publisher.publish_prediction(scene.add().prediction_id)

    def fails(_outbox: Outbox) -> Backlog:
        raise OperationalError("SELECT", {}, OSError("gone"))

    monkeypatch.setattr(Outbox, "backlog", fails)
    assert counts(registry, "retainwise.outbox.waiting") == {}
    assert counts(registry, "messaging.client.sent.messages") == {"send": 1}
    monkeypatch.undo()
    assert counts(registry, "retainwise.outbox.waiting") == {"": 0}


def test_the_kill_switch_is_told_as_far_as_it_is_known(scene: Scene, registry: Registry) -> None:
    observe_switch(registry, lambda: scene.kill_switch.last_known)
    assert counts(registry, "retainwise.kill_switch.on") == {}
    assert scene.kill_switch.is_on()
    assert counts(registry, "retainwise.kill_switch.on") == {"": 1}
    scene.switch_value = "false"
    assert counts(registry, "retainwise.kill_switch.on") == {"": 1}, "to tell it must not ask for it"
    scene.clock.advance(timedelta(minutes=1).total_seconds())
    assert not scene.kill_switch.is_on()
    assert counts(registry, "retainwise.kill_switch.on") == {"": 0}


def test_the_relays_store_failures_are_told(
    scene: Scene, registry: Registry, publisher: MeteredPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay: Relay = scene.relay(publisher)
    observe_relay(registry, relay)

    def fails(_outbox: Outbox) -> int:
        scene.shutdown.request(signal.SIGTERM)
        raise OperationalError("SELECT", {}, OSError("gone"))

    monkeypatch.setattr(Outbox, "adopt", fails)
    relay.run()
    assert counts(registry, "retainwise.relay.store_failures") == {"": 1}
