import json
from typing import TYPE_CHECKING

import pytest

from components.work_queue import WorkQueue, WorkQueueArgs

if TYPE_CHECKING:
    from tests.components.conftest import Deploy

QUEUE = "aws:sqs/queue:Queue"
ARGS = WorkQueueArgs(
    queue_name="app-dev-jobs",
    queue_arn="arn:aws:sqs:us-east-1:123456789012:app-dev-jobs",
    dlq_arn="arn:aws:sqs:us-east-1:123456789012:app-dev-jobs-dlq",
    tags={"Team": "churn"},
)


def test_a_queue_a_dead_letter_queue_and_who_may_fill_it(deploy: "Deploy") -> None:
    recorded = deploy(lambda: WorkQueue("jobs", ARGS))
    queue, dlq = recorded.named("jobs-queue").inputs, recorded.named("jobs-dlq").inputs
    assert queue["name"] == "app-dev-jobs"
    assert (queue["visibilityTimeoutSeconds"], queue["messageRetentionSeconds"]) == (300, 345_600)
    assert queue["receiveWaitTimeSeconds"] == 20
    assert json.loads(queue["redrivePolicy"]) == {"deadLetterTargetArn": ARGS["dlq_arn"], "maxReceiveCount": 3}
    assert (dlq["name"], dlq["messageRetentionSeconds"]) == ("app-dev-jobs-dlq", 1_209_600)
    allow = json.loads(recorded.named("jobs-dlq-redrive-allow").inputs["redriveAllowPolicy"])
    assert allow == {"redrivePermission": "byQueue", "sourceQueueArns": [ARGS["queue_arn"]]}


def test_both_queues_are_tagged_and_encrypted_by_sqs(deploy: "Deploy") -> None:
    queues = deploy(lambda: WorkQueue("jobs", ARGS)).of_type(QUEUE)
    assert [one.inputs["tags"] for one in queues] == [{"Team": "churn"}] * 2
    assert [one.inputs["sqsManagedSseEnabled"] for one in queues] == [True, True]


def test_a_key_of_ones_own_replaces_sqss_encryption(deploy: "Deploy") -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    queues = deploy(lambda: WorkQueue("jobs", {**ARGS, "kms_key_arn": key})).of_type(QUEUE)
    assert [one.inputs["kmsMasterKeyId"] for one in queues] == [key, key]
    assert all("sqsManagedSseEnabled" not in one.inputs for one in queues)


def test_what_would_lose_messages_is_refused_before_anything_is_registered(deploy: "Deploy") -> None:
    args: WorkQueueArgs = {**ARGS, "message_retention_seconds": 600, "dlq_message_retention_seconds": 600}
    with pytest.raises(ValueError, match=r"WorkQueue 'jobs': dlq_message_retention_seconds is 600"):
        deploy(lambda: WorkQueue("jobs", args))
