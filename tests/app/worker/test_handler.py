import dataclasses
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from structlog.testing import LogCapture

from app.models import Scores, StoppedError, UnusableFileError
from app.reasons import Reason
from app.store import Claim, Prediction, State
from app.worker.lease import Lease
from app.worker.outcome import Outcome
from tests.app.doubles.scene import BUCKET, CONTENT, OTHER, Scene
from tests.app.doubles.sqs import aws_error
from tests.app.servers.databases import on_each_database


def received(scene: Scene) -> Lease:
    """The next delivery, with its lease."""
    (delivery,) = scene.queue.receive(1, 20, 300)
    return Lease(delivery, scene.sqs.visibility_seconds, scene.clock)


def handled(scene: Scene, *, max_receives: int | None = 3) -> Outcome:
    return scene.handler(max_receives=max_receives).handle(received(scene))


def body_of(scene: Scene, prediction: Prediction, **changes: object) -> str:
    fields: dict[str, object] = {
        "prediction_id": str(prediction.prediction_id),
        "user_id": prediction.user_id,
        "upload_id": str(prediction.upload_id),
        "s3_file_path": prediction.s3_file_path,
        "timestamp": scene.clock.now().isoformat(),
    }
    return json.dumps(fields | changes)


@on_each_database
def test_makes_the_prediction_and_commits_it(scene: Scene, app_logs: LogCapture) -> None:
    prediction = scene.published()
    assert handled(scene) is Outcome.COMPLETED
    done = scene.now_of(prediction.prediction_id)
    assert (done.state, done.attempt, done.summary) == (State.COMPLETED, 1, {"customers": len(CONTENT)})
    assert done.result_path == f"s3://{BUCKET}/results/{prediction.user_id}/{prediction.prediction_id}-1.csv"
    assert scene.s3.objects[BUCKET, done.result_path.removeprefix(f"s3://{BUCKET}/")].startswith(b"ID,")
    assert scene.predictor.contents == [CONTENT]
    logged = [entry for entry in app_logs.entries if str(entry["event"]).startswith("prediction.")]
    assert [entry["event"] for entry in logged] == ["prediction.claimed", "prediction.completed"]
    assert {entry["prediction_id"] for entry in logged} == {str(prediction.prediction_id)}


@on_each_database
def test_a_duplicate_of_a_completed_prediction_is_no_work(scene: Scene) -> None:
    prediction = scene.published()
    scene.sqs.put(scene.sqs.messages[0].body)
    assert handled(scene) is Outcome.COMPLETED
    before = scene.now_of(prediction.prediction_id)
    assert handled(scene) is Outcome.DUPLICATE
    assert len(scene.predictor.contents) == 1
    assert scene.now_of(prediction.prediction_id) == before


@on_each_database
def test_a_duplicate_of_one_that_is_being_worked_on_waits(scene: Scene) -> None:
    prediction = scene.published()
    scene.predictions.claim(
        prediction.prediction_id, message_id="other", lease_until=scene.clock.now() + timedelta(seconds=300)
    )
    assert handled(scene) is Outcome.BUSY
    assert scene.predictor.contents == []


@on_each_database
def test_one_that_a_crashed_worker_left_is_taken_up(scene: Scene) -> None:
    prediction = scene.published()
    lease = received(scene)
    scene.predictions.claim(
        prediction.prediction_id,
        message_id=lease.delivery.message_id,
        lease_until=scene.clock.now() + timedelta(seconds=lease.seconds_left),
    )
    scene.clock.advance(300)  # nobody extends it any more
    assert handled(scene) is Outcome.COMPLETED
    assert scene.now_of(prediction.prediction_id).attempt == 2


NOBODYS = "6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11"
FORGERIES: list[tuple[dict[str, object], Reason]] = [
    ({"user_id": OTHER}, Reason.NOT_THE_OWNER),
    ({"upload_id": NOBODYS}, Reason.NOT_THE_UPLOAD),
    ({"s3_file_path": f"s3://{BUCKET}/user_other/file.csv"}, Reason.NOT_THE_PATH),
    ({"s3_file_path": "s3://another-bucket/user_other/file.csv"}, Reason.NOT_THE_PATH),
    ({"prediction_id": NOBODYS}, Reason.UNKNOWN_PREDICTION),
    ({"timestamp": "2026-03-01T12:01:01Z"}, Reason.TIMESTAMP_AHEAD),
    ({"timestamp": "2026-02-11T11:59:59Z"}, Reason.TIMESTAMP_TOO_OLD),
    ({"s3_file_path": "s3://x/../y"}, Reason.INVALID_FIELDS),
]


@pytest.mark.parametrize(("changes", "reason"), FORGERIES, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("state", list(State))
def test_a_forged_message_is_recorded_and_changes_nothing_of_the_prediction(
    scene: Scene, app_logs: LogCapture, changes: dict[str, object], reason: Reason, state: State
) -> None:
    victim = scene.add()
    in_state(scene, victim, state)
    before = scene.now_of(victim.prediction_id)
    message_id = scene.sqs.put(body_of(scene, victim, **changes))
    assert handled(scene) is Outcome.REJECTED
    assert scene.now_of(victim.prediction_id) == before
    assert scene.predictor.contents == []
    (rejection,) = scene.rejections.newest()
    assert (rejection.message_id, rejection.code, rejection.receives) == (message_id, reason.value, 1)
    assert (app_logs.entries[-1]["event"], app_logs.entries[-1]["reason"]) == ("message.rejected", reason.value)


def in_state(scene: Scene, prediction: Prediction, state: State) -> None:
    if state is State.QUEUED:
        return
    claim = scene.predictions.claim(
        prediction.prediction_id, message_id="m", lease_until=scene.clock.now() + timedelta(seconds=300)
    )
    assert isinstance(claim, Claim)
    if state is State.COMPLETED:
        scene.predictions.complete(claim, result_path="r", summary={})
    if state is State.FAILED:
        scene.predictions.fail(claim, code="c", reason="r", message_id="m")


def test_a_refused_message_names_no_one_elses_data(scene: Scene) -> None:
    victim = scene.add()
    scene.sqs.put(body_of(scene, victim, user_id=OTHER))
    handled(scene)
    (rejection,) = scene.rejections.newest()
    assert victim.user_id not in rejection.reason
    assert victim.s3_file_path not in rejection.reason


@on_each_database
def test_a_malformed_body_is_recorded_once_however_often_it_comes(scene: Scene) -> None:
    message_id = scene.sqs.put("this is no message")
    for receives in (1, 2, 3):
        assert handled(scene) is Outcome.REJECTED
        (rejection,) = scene.rejections.newest()
        assert (rejection.message_id, rejection.code, rejection.receives) == (message_id, "not-json", receives)
        scene.clock.advance(300)


def test_an_old_message_is_good_as_long_as_a_queue_may_have_kept_it(scene: Scene) -> None:
    """A backlog, or a redrive from the dead-letter queue."""
    scene.published()
    scene.clock.advance(timedelta(days=18).total_seconds())
    assert handled(scene) is Outcome.COMPLETED


def lose_upload(scene: Scene) -> None:
    scene.s3.objects.clear()


def grow_upload(scene: Scene) -> None:
    for place in scene.s3.objects:
        scene.s3.objects[place] = b"x" * 1001


def spoil_upload(scene: Scene) -> None:
    def refuse(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        raise UnusableFileError("line 2 has 3 fields instead of 4")

    scene.predictor.action = refuse


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lose_upload, Reason.UPLOAD_MISSING),
        (grow_upload, Reason.UPLOAD_TOO_LARGE),
        (spoil_upload, Reason.UNUSABLE_FILE),
    ],
)
def test_what_cannot_succeed_fails_once_and_is_on_its_way_out(
    scene: Scene, spoil: Callable[[Scene], None], reason: Reason
) -> None:
    prediction = scene.published()
    spoil(scene)
    assert handled(scene) is Outcome.FAILED
    failed = scene.now_of(prediction.prediction_id)
    assert (failed.state, failed.failure_code, failed.attempt) == (State.FAILED, reason.value, 1)
    assert failed.failure_reason
    scene.clock.advance(300)
    assert handled(scene) is Outcome.FAILED  # the same message again: no second attempt
    assert scene.now_of(prediction.prediction_id) == failed
    assert scene.rejections.newest() == []


@on_each_database
def test_a_failed_one_that_is_redriven_is_tried_again(scene: Scene) -> None:
    prediction = scene.published()
    spoil_upload(scene)
    assert handled(scene) is Outcome.FAILED
    scene.predictor.action = lambda _content, _should_stop: None
    scene.sqs.put(scene.sqs.messages[0].body)  # a redrive sends the same body under a new id
    assert handled(scene) is Outcome.COMPLETED
    done = scene.now_of(prediction.prediction_id)
    assert (done.state, done.failure_code) == (State.COMPLETED, None)


def read_fails(scene: Scene, times: int) -> None:
    scene.s3.faults["GetObject"] = [aws_error("SlowDown", "GetObject", 503)] * times


def write_fails(scene: Scene, times: int) -> None:
    scene.s3.faults["PutObject"] = [aws_error("AccessDenied", "PutObject", 403)] * times


def model_crashes(scene: Scene, times: int) -> None:
    left = [ZeroDivisionError("somebody's data")] * times

    def crash(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        if left:
            raise left.pop()

    scene.predictor.action = crash


TRANSIENT: list[tuple[Callable[[Scene, int], None], Reason]] = [
    (read_fails, Reason.UPLOAD_UNAVAILABLE),
    (write_fails, Reason.RESULT_UNAVAILABLE),
    (model_crashes, Reason.UNEXPECTED_ERROR),
]


@pytest.mark.parametrize(("fail", "reason"), TRANSIENT)
def test_what_may_pass_goes_back_to_queued_and_succeeds_later(
    scene: Scene, fail: Callable[[Scene, int], None], reason: Reason
) -> None:
    prediction = scene.published()
    fail(scene, 1)
    assert handled(scene) is Outcome.RETRY
    waiting = scene.now_of(prediction.prediction_id)
    assert (waiting.state, waiting.failure_code) == (State.QUEUED, reason.value)
    scene.clock.advance(300)
    assert handled(scene) is Outcome.COMPLETED
    assert scene.now_of(prediction.prediction_id).attempt == 2


@on_each_database
@pytest.mark.parametrize(("fail", "reason"), TRANSIENT)
def test_at_the_last_delivery_it_is_given_up_with_its_reason(
    scene: Scene, fail: Callable[[Scene, int], None], reason: Reason
) -> None:
    prediction = scene.published()
    fail(scene, 9)
    outcomes = []
    for _ in range(3):
        outcomes.append(handled(scene))
        scene.clock.advance(300)
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.FAILED]
    failed = scene.now_of(prediction.prediction_id)
    assert (failed.state, failed.failure_code) == (State.FAILED, Reason.GAVE_UP.value)
    assert reason.value in (failed.failure_reason or "")


def test_without_a_dead_letter_queue_nothing_is_given_up(scene: Scene) -> None:
    scene.sqs.max_receive_count = None
    scene.published()
    read_fails(scene, 5)
    for _ in range(5):
        assert handled(scene, max_receives=None) is Outcome.RETRY
        scene.clock.advance(300)
    assert handled(scene, max_receives=None) is Outcome.COMPLETED


def test_a_crash_of_the_model_is_logged_with_its_traceback_and_the_record_does_not_quote_it(
    scene: Scene, app_logs: LogCapture
) -> None:
    prediction = scene.published()
    model_crashes(scene, 1)
    handled(scene)
    (crash,) = [entry for entry in app_logs.entries if entry["event"] == "prediction.crashed"]
    assert crash["exc_info"]
    assert scene.now_of(prediction.prediction_id).failure_reason == "ZeroDivisionError"


@on_each_database
def test_once_the_lease_is_lost_nothing_is_committed(scene: Scene) -> None:
    prediction = scene.published()

    def take_long(_content: bytes, should_stop: Callable[[], bool]) -> None:
        assert not should_stop()
        scene.clock.advance(300)
        assert should_stop()

    scene.predictor.action = take_long
    assert handled(scene) is Outcome.LEASE_LOST
    left = scene.now_of(prediction.prediction_id)
    assert (left.state, left.result_path, left.failure_code) == (State.QUEUED, None, "lease-lost")
    assert all(not key.startswith("results/") for _, key in scene.s3.objects)


def test_a_model_that_stops_when_told_counts_as_lost(scene: Scene) -> None:
    scene.published()

    def stop(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        scene.clock.advance(300)
        raise StoppedError

    scene.predictor.action = stop
    assert handled(scene) is Outcome.LEASE_LOST


@on_each_database
def test_a_worker_that_was_overtaken_commits_nothing_even_if_it_does_not_know(scene: Scene) -> None:
    """The heartbeat believes the lease to hold, the record knows better: fencing decides."""
    prediction = scene.published()

    def overtake(_content: bytes, _should_stop: Callable[[], bool]) -> None:
        released = Claim(prediction.prediction_id, 1)
        assert scene.predictions.release(released, code="c", reason="r")
        other = scene.predictions.claim(
            prediction.prediction_id, message_id="x", lease_until=scene.clock.now() + timedelta(seconds=300)
        )
        assert isinstance(other, Claim)
        assert scene.predictions.complete(other, result_path="the winner's", summary={})

    scene.predictor.action = overtake
    assert handled(scene) is Outcome.LEASE_LOST
    assert scene.now_of(prediction.prediction_id).result_path == "the winner's"


def down(*_arguments: object, **_named: object) -> None:
    raise OperationalError("SELECT secret", {"p": "secret"}, Exception("server closed the connection"))


@pytest.mark.parametrize("method", ["get", "claim", "complete"])
def test_when_the_store_is_down_the_message_waits(
    scene: Scene, app_logs: LogCapture, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    prediction = scene.published()
    with monkeypatch.context() as broken:
        broken.setattr(scene.predictions, method, down)
        assert handled(scene) is Outcome.STORE_DOWN
    assert app_logs.entries[-1]["cause"] == "server closed the connection"
    scene.clock.advance(300)
    assert handled(scene) is Outcome.COMPLETED
    assert scene.now_of(prediction.prediction_id).state is State.COMPLETED


def test_work_that_is_done_waits_for_the_store_to_come_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    prediction = scene.published()
    complete, failures = scene.predictions.complete, iter(range(5))

    def flaky(*arguments: object, **named: object) -> bool:
        if next(failures, None) is not None:
            down()
        return complete(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(scene.predictions, "complete", flaky)
    assert handled(scene) is Outcome.COMPLETED
    assert scene.now_of(prediction.prediction_id).attempt == 1
    assert len(scene.predictor.contents) == 1


UNSTORABLE: dict[str, object] = {
    "no number": float("nan"),
    "infinite": float("inf"),
    "no JSON": object(),
    "in itself": [],
}
UNSTORABLE["in itself"].append(UNSTORABLE["in itself"])  # type: ignore[attr-defined]  # it is the list above


@on_each_database
@pytest.mark.parametrize("value", UNSTORABLE.values(), ids=UNSTORABLE)
def test_a_result_that_the_store_refuses_is_a_failure_with_its_reason_and_nobody_waits_for_the_store(
    scene: Scene, value: object
) -> None:
    prediction = scene.published()
    handler = dataclasses.replace(scene.handler(), predictor=Summarising({"mean": value}))
    assert handler.handle(received(scene)) is Outcome.RETRY
    assert scene.clock.waits == []
    failed = scene.now_of(prediction.prediction_id)
    assert (failed.state, failed.failure_code, failed.summary) == (State.QUEUED, "unexpected-error", None)
    assert re.search("the store refuses|TypeError|ValueError", failed.failure_reason or "")
    scene.clock.advance(300)
    assert handler.handle(received(scene)) is Outcome.RETRY
    scene.clock.advance(300)
    assert handler.handle(received(scene)) is Outcome.FAILED
    assert scene.now_of(prediction.prediction_id).failure_code == "gave-up"


@dataclasses.dataclass
class Summarising:
    """A model with a summary of the test's own."""

    summary: dict[str, object]

    def predict(self, content: bytes, should_stop: Callable[[], bool]) -> Scores:
        del should_stop
        return Scores(content, self.summary)


REFUSALS = [
    DataError("UPDATE secret", {"p": "secret"}, Exception("value too long\nDETAIL: secret")),
    IntegrityError("UPDATE secret", {"p": "secret"}, Exception("duplicate key")),
    StatementError("no JSON", "UPDATE secret", {"p": "secret"}, ValueError("no JSON")),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["get", "claim", "complete"])
def test_a_store_that_refuses_what_it_is_given_is_not_down(
    scene: Scene, app_logs: LogCapture, monkeypatch: pytest.MonkeyPatch, method: str, refusal: Exception
) -> None:
    prediction = scene.published()

    def refuse(*_arguments: object, **_named: object) -> None:
        raise refusal

    with monkeypatch.context() as broken:
        broken.setattr(scene.predictions, method, refuse)
        assert handled(scene) is Outcome.RETRY
    assert "secret" not in repr(app_logs.entries)
    scene.clock.advance(300)
    assert handled(scene) is Outcome.COMPLETED
    assert scene.now_of(prediction.prediction_id).attempt == 1 + (method == "complete")


def test_a_connection_that_breaks_is_an_outage_whatever_the_driver_calls_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.published()

    def broken(*_arguments: object, **_named: object) -> None:
        raise DataError("UPDATE", {}, Exception("lost"), connection_invalidated=True)

    monkeypatch.setattr(scene.predictions, "claim", broken)
    assert handled(scene) is Outcome.STORE_DOWN


def test_a_mistake_of_the_program_under_a_claim_is_a_failure_with_its_reason(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = scene.published()

    def broken(*_arguments: object, **_named: object) -> None:
        raise OverflowError("a mistake")

    monkeypatch.setattr(scene.predictions, "complete", broken)
    assert handled(scene) is Outcome.RETRY
    failed = scene.now_of(prediction.prediction_id)
    assert (failed.state, failed.failure_code, failed.failure_reason) == (
        State.QUEUED,
        "unexpected-error",
        "OverflowError",
    )


def test_a_model_that_takes_too_long_is_stopped_and_has_failed_once(scene: Scene) -> None:
    prediction = scene.published()

    def endless(_content: bytes, should_stop: Callable[[], bool]) -> None:
        assert not should_stop()
        scene.clock.advance(100)
        if should_stop():
            raise StoppedError

    scene.predictor.action = endless
    handler = dataclasses.replace(scene.handler(), max_seconds=60)
    assert handler.handle(received(scene)) is Outcome.RETRY
    assert scene.now_of(prediction.prediction_id).failure_code == Reason.TIMED_OUT.value


def test_a_rejection_that_cannot_be_recorded_waits_until_it_can(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.sqs.put("no message")
    with monkeypatch.context() as broken:
        broken.setattr(scene.rejections, "record", down)
        assert handled(scene) is Outcome.STORE_DOWN
    scene.clock.advance(300)
    assert handled(scene) is Outcome.REJECTED


def test_a_mistake_of_the_program_itself_loses_nothing(
    scene: Scene, app_logs: LogCapture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.published()

    def broken(*_arguments: object) -> None:
        raise TypeError("a mistake")

    monkeypatch.setattr(scene.predictions, "get", broken)
    assert handled(scene) is Outcome.RETRY
    assert app_logs.entries[-1]["event"] == "prediction.crashed"
