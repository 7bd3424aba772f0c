import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError
from sqlalchemy.exc import OperationalError
from structlog.testing import LogCapture

from app.aws_failures import AwsFailure
from app.store import Claim
from app.work_queue import MAX_VISIBILITY_SECONDS
from app.worker import in_rhythm
from app.worker.lease import Lease, LeaseLostError
from tests.app.doubles.scene import Scene, in_thread
from tests.app.doubles.sqs import FakeMessage, aws_error

THROTTLED = "RequestThrottled"


def received(scene: Scene) -> tuple[Lease, FakeMessage]:
    """A lease on a message that has just arrived and is being watched."""
    scene.sqs.put("body")
    (delivery,) = scene.queue.receive(1, 0, 300)
    lease = Lease(delivery, scene.sqs.visibility_seconds, scene.clock)
    scene.heartbeat.watch([lease])
    return lease, scene.sqs.messages[-1]


def beat_until(scene: Scene, seconds: float) -> None:
    """Beat as the thread would, until so much time has passed."""
    ends = scene.clock.monotonic() + seconds
    while scene.clock.monotonic() < ends:
        scene.clock.advance(min(scene.heartbeat.beat() or 0.01, ends - scene.clock.monotonic()))
    scene.heartbeat.beat()


def test_keeps_a_message_hidden_for_as_long_as_it_is_worked_on(scene: Scene) -> None:
    lease, message = received(scene)
    for _ in range(20):
        beat_until(scene, 100)
        assert message.visible_at > scene.clock.monotonic() + 150
        assert not lease.is_lost
    assert scene.sqs.count("ChangeMessageVisibility") == 20


def test_nothing_is_extended_before_a_third_of_the_time(scene: Scene) -> None:
    received(scene)
    beat_until(scene, 99)
    assert scene.sqs.count("ChangeMessageVisibility") == 0


def test_a_forgotten_lease_is_left_alone(scene: Scene) -> None:
    lease, _message = received(scene)
    scene.heartbeat.forget(lease)
    beat_until(scene, 1000)
    assert scene.sqs.count("ChangeMessageVisibility") == 0
    assert scene.heartbeat.watched == []


def test_the_claim_is_extended_along(scene: Scene) -> None:
    prediction_id = scene.add().prediction_id
    lease, _message = received(scene)
    claim = scene.predictions.claim(
        prediction_id, message_id="m", lease_until=scene.clock.now() + timedelta(seconds=300)
    )
    assert isinstance(claim, Claim)
    lease.claim = claim
    beat_until(scene, 1000)
    other = scene.predictions.claim(prediction_id, message_id="m", lease_until=scene.clock.now())
    assert str(other) == "held"


@pytest.mark.parametrize(
    "fault",
    [
        aws_error(THROTTLED, "ChangeMessageVisibility"),
        aws_error("InternalError", "ChangeMessageVisibility", 500),
        aws_error("AccessDenied", "ChangeMessageVisibility", 403),
        EndpointConnectionError(endpoint_url="https://sqs"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "torn"),
    ],
    ids=str,
)
def test_survives_failures_that_end_in_time(scene: Scene, app_logs: LogCapture, fault: Exception) -> None:
    lease, message = received(scene)
    scene.sqs.faults["ChangeMessageVisibility"] = [fault] * 5
    beat_until(scene, 290)
    assert not lease.is_lost
    assert message.visible_at > scene.clock.monotonic()
    assert [entry["event"] for entry in app_logs.entries] == ["lease.heartbeat_failed"] * 5


def test_failures_are_tried_again_soon_but_not_at_once(scene: Scene) -> None:
    received(scene)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error(THROTTLED)] * 1000
    beat_until(scene, 290)
    assert 5 <= scene.sqs.count("ChangeMessageVisibility") <= 12


def test_failures_that_do_not_end_lose_the_lease_and_it_stays_lost(scene: Scene) -> None:
    lease, _message = received(scene)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error(THROTTLED)] * 1000
    beat_until(scene, 299)
    lease.check()
    beat_until(scene, 1)
    with pytest.raises(LeaseLostError, match="ran out"):
        lease.check()
    scene.sqs.faults.clear()
    calls = scene.sqs.count("ChangeMessageVisibility")
    beat_until(scene, 1000)
    assert lease.is_lost
    assert scene.sqs.count("ChangeMessageVisibility") == calls


@pytest.mark.parametrize("code", ["ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue"])
def test_a_worthless_receipt_handle_loses_the_lease_at_once(scene: Scene, app_logs: LogCapture, code: str) -> None:
    lease, _message = received(scene)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error(code)]
    beat_until(scene, 100)
    assert lease.lost_because == f"SQS says {code}"
    assert app_logs.entries[-1]["event"] == "lease.lost"


def test_a_claim_that_was_taken_over_loses_the_lease(scene: Scene) -> None:
    lease, _message = received(scene)
    lease.claim = Claim(scene.add().prediction_id, attempt=1)  # nobody's claim any more
    beat_until(scene, 100)
    assert "taken the prediction over" in (lease.lost_because or "")


def test_a_store_that_does_not_answer_is_asked_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, _message = received(scene)
    lease.claim = Claim(scene.add().prediction_id, attempt=1)
    answers = iter([False, True])

    def extend(*_arguments: object) -> bool:
        if not next(answers, True):
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return True

    monkeypatch.setattr(scene.predictions, "extend", extend)
    beat_until(scene, 110)
    assert not lease.is_lost
    assert scene.sqs.count("ChangeMessageVisibility") == 2


@pytest.mark.parametrize("fails", [True, False], ids=["fails in the end", "is only slow"])
def test_a_store_that_hangs_costs_no_lease(scene: Scene, monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> None:
    leases = [received(scene)[0] for _ in range(25)]
    for lease in leases:
        lease.claim = Claim(uuid4(), attempt=1)
    asked: set[Claim] = set()

    def extend(claim: Claim, _until: object) -> bool:
        scene.clock.advance(30)
        asked.add(claim)
        if fails:
            raise OperationalError("UPDATE", {}, Exception("timeout expired"))
        return True

    monkeypatch.setattr(scene.predictions, "extend", extend)
    beat_until(scene, 3000)
    assert [lease for lease in leases if lease.is_lost] == []
    assert fails or len(asked) == 25  # each has its turn


def test_never_asks_for_more_than_twelve_hours_and_then_lets_go(scene: Scene) -> None:
    lease, _message = received(scene)
    beat_until(scene, MAX_VISIBILITY_SECONDS - 10)
    assert not lease.is_lost
    beat_until(scene, 20)
    assert lease.is_lost
    assert "ran out" in (lease.lost_because or "")


def test_one_slow_lease_does_not_starve_another(scene: Scene) -> None:
    first, _ = received(scene)
    scene.clock.advance(50)
    second, _ = received(scene)
    scene.sqs.faults["ChangeMessageVisibility"] = [aws_error("ReceiptHandleIsInvalid")]
    beat_until(scene, 1000)
    assert first.is_lost
    assert not second.is_lost


def test_forgetting_waits_for_an_extension_that_is_under_way(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, _message = received(scene)
    entered, leave = threading.Event(), threading.Event()
    order: list[str] = []

    def hide_many(*_arguments: object) -> dict[int, AwsFailure]:
        entered.set()
        assert leave.wait(10)
        order.append("extended")
        return {}

    monkeypatch.setattr(scene.queue, "hide_many", hide_many)
    scene.clock.advance(100)
    beating = in_thread(lambda: order.append(f"next in {scene.heartbeat.beat()}"))
    assert entered.wait(10)

    def forget() -> None:
        scene.heartbeat.forget(lease)
        order.append("forgotten")

    forgetting = in_thread(forget)
    leave.set()
    forgetting.join(10)
    beating.join(10)
    assert order.index("extended") < order.index("forgotten")


def test_the_thread_beats_while_it_is_meant_to(scene: Scene) -> None:
    lease, message = received(scene)
    scene.clock.advance(100)
    extended = threading.Event()
    wait = scene.clock.wait

    def told(event: threading.Event, seconds: float) -> bool:
        if scene.sqs.count("ChangeMessageVisibility"):
            extended.set()
            return event.wait(10)
        return wait(event, seconds)

    scene.clock.wait = told  # type: ignore[method-assign]  # so that the thread stands still afterwards
    with in_rhythm("heartbeat", scene.heartbeat.beat, scene.clock):
        assert extended.wait(10)
    assert not lease.is_lost
    assert message.visible_at >= 400


def test_many_are_extended_with_one_request_for_ten_and_each_failure_is_its_own(scene: Scene) -> None:
    leases = [received(scene)[0] for _ in range(25)]
    lost, throttled = leases[3], leases[12]
    scene.sqs.entry_faults = {
        lost.delivery.receipt_handle: [aws_error("ReceiptHandleIsInvalid")],
        throttled.delivery.receipt_handle: [aws_error(THROTTLED)],
    }
    beat_until(scene, 100)
    assert scene.sqs.count("ChangeMessageVisibility") == 3
    assert [lease for lease in leases if lease.is_lost] == [lost]
    assert throttled.seconds_left == 200
    beat_until(scene, 2)
    assert scene.sqs.count("ChangeMessageVisibility") == 4
    assert throttled.seconds_left > 295
