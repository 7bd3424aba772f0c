"""Publisher and worker under the two task roles, against a server that enforces their permissions."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from app.errors import OperationFailedError
from app.s3_path import S3Path
from app.store import Prediction, State
from tests.app.emulator.job_stack import PROJECT, Answer, JobStack, log_of

pytestmark = pytest.mark.emulator

SAMPLE = PROJECT / "local" / "demo" / "sample" / "cdnow_customers.csv"


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    """The sample's first three hundred customers."""
    file = tmp_path / "customers.csv"
    file.write_text("".join(SAMPLE.read_text().splitlines(keepends=True)[:301]))
    return file


def upload(stack: JobStack, file: Path, user: str) -> Prediction:
    """Upload a file by the CLI; gives the record that it made."""
    answer = stack.answer(stack.backend, "upload", str(file), "--user", user)
    return stack.prediction(UUID(str(answer["prediction_id"])))


def message_of(uploaded: Prediction, **changes: str) -> str:
    fields = {
        "prediction_id": str(uploaded.prediction_id),
        "upload_id": str(uploaded.upload_id),
        "user_id": uploaded.user_id,
        "s3_file_path": uploaded.s3_file_path,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    return json.dumps(fields | changes)


def test_real_data_goes_all_the_way_and_bad_messages_go_to_the_dead_letter_queue(
    job_stack: JobStack, small_file: Path
) -> None:
    whole = upload(job_stack, SAMPLE, "user_abc")
    small = upload(job_stack, small_file, "user_xyz")
    published = job_stack.answer(job_stack.backend, "publish")
    assert (published["published"], published["waiting"]) == (2, 0)
    victim = upload(job_stack, small_file, "user_victim")
    job_stack.send("this is no message")
    job_stack.send(message_of(victim, user_id="user_abc"))

    report = job_stack.drain()
    assert report["drained"] is True
    assert outcomes_of(report) == {"completed": 2, "rejected": 6}  # both refused ones three times each
    assert job_stack.dead_letters() == 2
    assert job_stack.prediction(victim.prediction_id) == victim
    assert {each.code: each.receives for each in job_stack.rejections()} == {"not-json": 3, "not-the-owner": 3}

    done = job_stack.prediction(whole.prediction_id)
    assert (done.state, done.attempt) == (State.COMPLETED, 1)
    assert done.summary is not None
    assert done.summary["customers"] == 2357
    parameters = done.summary["parameters"]
    assert isinstance(parameters, dict)
    assert [round(parameters[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
    path = S3Path.parse(str(done.result_path))
    scores = job_stack.root.s3.get_object(Bucket=path.bucket, Key=path.key)["Body"].read().decode()
    assert len(scores.splitlines()) == 2358
    assert job_stack.prediction(small.prediction_id).state is State.COMPLETED

    job_stack.send(message_of(whole))  # a duplicate
    assert job_stack.answer(job_stack.backend, "publish")["published"] == 1  # the victim's own request is still good
    assert outcomes_of(job_stack.drain()) == {"completed": 1, "duplicates": 1}
    assert job_stack.prediction(whole.prediction_id) == done
    assert job_stack.prediction(victim.prediction_id).state is State.COMPLETED


def outcomes_of(report: Answer) -> dict[str, int]:
    """What a worker counted, without the zeros."""
    outcomes = report["outcomes"]
    assert isinstance(outcomes, dict)
    return {name: count for name, count in outcomes.items() if count}


def test_an_unusable_file_fails_with_its_reason_and_goes_to_the_dead_letter_queue(
    job_stack: JobStack, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("ID,frequency,recency,T\n1,2,3\n")
    uploaded = upload(job_stack, file, "user_abc")
    job_stack.answer(job_stack.backend, "publish")
    job_stack.drain()
    failed = job_stack.prediction(uploaded.prediction_id)
    assert (failed.state, failed.failure_code, failed.attempt) == (State.FAILED, "unusable-file", 1)
    assert failed.failure_reason == "line 2 has 3 fields instead of 4"
    assert job_stack.dead_letters() == 1


def test_the_kill_switch_keeps_predictions_until_it_is_on_again(job_stack: JobStack, small_file: Path) -> None:
    upload(job_stack, small_file, "user_abc")
    job_stack.switch(on=False)
    kept = job_stack.answer(job_stack.backend, "publish")
    assert (kept["published"], kept["waiting"]) == (0, 1)
    assert job_stack.answer(job_stack.backend, "queue")["visible"] == 0
    job_stack.switch(on=True)
    sent = job_stack.answer(job_stack.backend, "publish")
    assert (sent["published"], sent["waiting"]) == (1, 0)
    assert job_stack.answer(job_stack.backend, "queue")["visible"] == 1


def test_a_relay_sends_in_batches_what_waits_and_ends_well(job_stack: JobStack, small_file: Path) -> None:
    for _ in range(12):
        upload(job_stack, small_file, "user_abc")
    fair = job_stack.backend | {"MESSAGE_GROUP_BY_USER": "true"}
    relay = subprocess.Popen(
        [sys.executable, "-m", "app", "relay", "--json"],
        cwd=PROJECT,
        env=fair,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert relay.stderr is not None
        sent = 0
        while sent < 12:
            line = relay.stderr.readline()
            assert line, "the relay ended before its time"
            sent += len(json.loads(line).get("messages", {}))
        relay.send_signal(signal.SIGTERM)
        out, _ = relay.communicate(timeout=30)
    finally:
        relay.kill()
    answer = json.loads(out)
    assert (relay.returncode, answer["stopped_by"], answer["published"], answer["waiting"]) == (0, "signal", 12, 0)
    assert job_stack.answer(job_stack.backend, "queue")["visible"] == 12


def test_when_sqs_cannot_be_reached_predictions_are_kept(job_stack: JobStack, small_file: Path) -> None:
    upload(job_stack, small_file, "user_abc")
    nowhere = job_stack.backend | {"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1"}
    kept = job_stack.run(nowhere, "publish", "--json")
    assert kept.returncode == 1
    answer = json.loads(kept.stdout)
    assert (answer["published"], answer["waiting"], answer["results"][0]["code"]) == (0, 1, "unavailable")
    assert answer["results"][0]["retries"] == 2
    assert job_stack.answer(job_stack.backend, "publish")["published"] == 1


def test_the_queue_tells_its_attributes_to_both_roles(job_stack: JobStack) -> None:
    for environment in (job_stack.backend, job_stack.worker):
        assert job_stack.answer(environment, "queue") == {
            "queue_url": job_stack.queue_url,
            "visibility_timeout_seconds": 300,
            "message_retention_seconds": 345600,
            "receive_wait_seconds": 20,
            "max_receive_count": 3,
            "dead_letter_queue_arn": job_stack.access.dlq_arn,
            "visible": 0,
            "in_flight": 0,
            "delayed": 0,
        }


def test_a_url_of_another_queue_is_refused_at_startup(job_stack: JobStack) -> None:
    other = job_stack.worker | {
        "PREDICTIONS_QUEUE_URL": job_stack.queue_url.replace("/123456789012/", "/999988887777/")
    }
    ended = job_stack.run(other, "work", "--drain")
    assert ended.returncode == 2
    assert "it is in account 999988887777, the credentials are of account 123456789012" in ended.stderr


def test_a_queue_that_hides_nothing_is_refused_at_startup(job_stack: JobStack) -> None:
    job_stack.root.sqs.set_queue_attributes(QueueUrl=job_stack.queue_url, Attributes={"VisibilityTimeout": "0"})
    with pytest.raises(OperationFailedError, match="is 0 s"):
        job_stack.drain()


def denials(ended: "subprocess.CompletedProcess[str]", event: str) -> list[tuple[object, bool]]:
    """AWS's own code in the log lines of an event, and whether its own words stand beside it."""
    return [
        (line["aws_code"], "denied" in str(line["aws_message"]) or "not authorized" in str(line["aws_message"]))
        for line in log_of(ended)
        if line["event"] == event
    ]


def test_without_receive_message_the_worker_says_so_ends_and_loses_nothing(
    job_stack: JobStack, small_file: Path
) -> None:
    uploaded = upload(job_stack, small_file, "user_abc")
    job_stack.answer(job_stack.backend, "publish")
    job_stack.allow_consumer(without=["sqs:ReceiveMessage"])
    ended = job_stack.run(job_stack.worker, "work", "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["stopped_by"] == "refused"
    assert denials(ended, "worker.receive_failed") == [("AccessDenied", True)] * 3
    assert job_stack.answer(job_stack.backend, "queue")["visible"] == 1
    job_stack.allow_consumer()
    job_stack.drain()
    assert job_stack.prediction(uploaded.prediction_id).state is State.COMPLETED


def test_without_delete_message_the_worker_says_so_ends_and_loses_nothing(
    brisk_stack: JobStack, small_file: Path
) -> None:
    uploaded = upload(brisk_stack, small_file, "user_abc")
    brisk_stack.answer(brisk_stack.backend, "publish")
    brisk_stack.allow_consumer(without=["sqs:DeleteMessage"])
    ended = brisk_stack.run(brisk_stack.worker, "work", "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["stopped_by"] == "refused"
    denied = denials(ended, "worker.delete_failed")  # three tries for each time that it came before the worker ended
    assert len(denied) >= 3
    assert set(denied) == {("AccessDenied", True)}
    done = brisk_stack.prediction(uploaded.prediction_id)
    assert done.state is State.COMPLETED
    state = brisk_stack.answer(brisk_stack.backend, "queue")
    assert (state["visible"], state["in_flight"]) in {(1, 0), (0, 1)}
    brisk_stack.allow_consumer()
    assert outcomes_of(brisk_stack.drain()) == {"duplicates": 1}
    assert brisk_stack.prediction(uploaded.prediction_id) == done
    assert brisk_stack.dead_letters() == 0


def test_a_worker_that_is_told_to_stop_ends_well(job_stack: JobStack) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "app", "work", "--json"],
        cwd=PROJECT,
        env=job_stack.worker,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stderr is not None
        while '"worker.started"' not in (line := worker.stderr.readline()):
            assert line, "the worker ended before it began"
        worker.send_signal(signal.SIGTERM)
        out, _ = worker.communicate(timeout=30)
    finally:
        worker.kill()
    assert worker.returncode == 0
    assert json.loads(out)["stopped_by"] == "signal"
