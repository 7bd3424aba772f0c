"""`doctor` under each role, against a server that enforces their permissions."""

import json
from collections.abc import Mapping

import pytest

from tests.app.emulator.job_stack import JobStack

pytestmark = pytest.mark.emulator

Verdicts = dict[str, str]


def examined(stack: JobStack, environment: Mapping[str, str], *, healthy: bool = True) -> Verdicts:
    """What `doctor` says, by check; it exits with 1 where something failed."""
    ended = stack.run(environment, "doctor", "--json")
    answer = json.loads(ended.stdout)
    assert (ended.returncode, answer["healthy"]) == (int(not healthy), healthy), ended.stdout
    for finding in answer["findings"]:
        assert finding["remedy"] or finding["verdict"] in {"ok", "unknown"}
    return {finding["check"]: finding["verdict"] for finding in answer["findings"]}


HEALTHY = {
    "settings": "ok",
    "credentials": "ok",
    "clock": "ok",
    "queue.reached": "ok",
    "queue.type": "ok",
    "queue.visibility_timeout": "ok",
    "queue.long_poll": "ok",
    "queue.message_size": "ok",
    "queue.encryption": "ok",
    "queue.redrive": "ok",
    "uploads": "unknown",
    "database": "ok",
    "outbox": "ok",
}


@pytest.fixture(autouse=True)
def as_deployed(job_stack: JobStack) -> None:
    """What the stack sets beside what the other tests of jobs need."""
    set_attributes = job_stack.root.sqs.set_queue_attributes
    set_attributes(QueueUrl=job_stack.queue_url, Attributes={"SqsManagedSseEnabled": "true"})
    allow = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [job_stack.access.queue_arn]})
    set_attributes(
        QueueUrl=job_stack.dlq_url,
        Attributes={
            "SqsManagedSseEnabled": "true",
            "MessageRetentionPeriod": "1209600",
            "RedriveAllowPolicy": allow,
        },
    )


def test_the_producer_sees_the_switch_and_not_the_dead_letter_queue(job_stack: JobStack) -> None:
    unseen = {"dlq.reached": "unknown", "message_age": "unknown"}
    assert examined(job_stack, job_stack.backend) == HEALTHY | unseen | {"kill_switch": "ok"}


def test_the_consumer_sees_neither(job_stack: JobStack) -> None:
    unseen = {"dlq.reached": "unknown", "message_age": "unknown", "kill_switch": "unknown"}
    assert examined(job_stack, job_stack.worker) == HEALTHY | unseen


def test_the_operator_sees_both_queues(job_stack: JobStack) -> None:
    seen = dict.fromkeys(("reached", "retention", "encryption", "sources", "empty"), "ok")
    dlq = {f"dlq.{name}": verdict for name, verdict in seen.items()}
    assert examined(job_stack, job_stack.operator) == HEALTHY | dlq | {"message_age": "ok", "kill_switch": "unknown"}


def test_what_is_wrong_is_told_with_what_to_do(job_stack: JobStack) -> None:
    job_stack.root.sqs.set_queue_attributes(
        QueueUrl=job_stack.queue_url, Attributes={"VisibilityTimeout": "0", "RedrivePolicy": ""}
    )
    job_stack.switch(on=False)
    found = examined(job_stack, job_stack.backend, healthy=False)
    assert {check for check, verdict in found.items() if verdict == "failed"} == {
        "queue.visibility_timeout",
        "queue.redrive",
    }
    assert found["kill_switch"] == "warning"
    told = job_stack.run(job_stack.backend, "doctor")
    assert told.returncode == 1
    assert "queue.redrive (failed): deploy the stack again" in told.stdout


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, {"credentials", "queue.reached", "kill_switch"}),
        ({"PREDICTIONS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/nowhere"}, {"queue.reached"}),
        ({"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1"}, {"queue.reached"}),
        ({"AWS_ENDPOINT_URL_SQS": "outside"}, {"queue.reached"}),
        ({"ENABLE_SQS_PARAMETER": "/retainwise/nowhere"}, set()),
        ({"AWS_REGION": "nowhere"}, {"settings"}),
    ],
)
def test_what_is_amiss_with_the_surroundings_is_found(
    job_stack: JobStack, changed: dict[str, str], failed: set[str]
) -> None:
    if changed.get("AWS_ENDPOINT_URL_SQS") == "outside":
        changed = {"AWS_ENDPOINT_URL_SQS": job_stack.root.endpoint_url}
    environment = {**job_stack.backend, **changed}
    found = examined(job_stack, environment, healthy=not failed)
    assert failed <= {check for check, verdict in found.items() if verdict == "failed"}
