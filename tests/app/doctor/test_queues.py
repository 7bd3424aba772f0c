import json

import pytest

from app.doctor.finding import Finding, Verdict
from app.doctor.queues import judge_age, judge_dead_letter_queue, judge_queue

ARN = "arn:aws:sqs:us-east-1:123456789012:jobs"
DAY = 24 * 3600
QUEUE = {
    "QueueArn": ARN,
    "VisibilityTimeout": "300",
    "MessageRetentionPeriod": str(4 * DAY),
    "ReceiveMessageWaitTimeSeconds": "20",
    "MaximumMessageSize": "1048576",
    "SqsManagedSseEnabled": "true",
    "RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{ARN}-dlq", "maxReceiveCount": 3}),
}
DEAD_LETTERS = {
    "QueueArn": f"{ARN}-dlq",
    "MessageRetentionPeriod": str(14 * DAY),
    "SqsManagedSseEnabled": "true",
    "RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [ARN]}),
    "ApproximateNumberOfMessages": "0",
}


def worst(findings: list[Finding]) -> set[tuple[str, Verdict]]:
    told = [each for each in findings if each.verdict is not Verdict.OK]
    assert all(each.remedy for each in told)
    return {(each.check, each.verdict) for each in told}


def test_the_stacks_own_queues_are_sound() -> None:
    assert worst(list(judge_queue(QUEUE))) == set()
    assert worst(list(judge_dead_letter_queue(DEAD_LETTERS, QUEUE))) == set()
    assert judge_age(QUEUE, DEAD_LETTERS, 18 * DAY).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("changed", "check", "verdict"),
    [
        ({"FifoQueue": "true"}, "queue.type", Verdict.FAILED),
        ({"VisibilityTimeout": "0"}, "queue.visibility_timeout", Verdict.FAILED),
        ({"VisibilityTimeout": "29"}, "queue.visibility_timeout", Verdict.WARNING),
        ({"ReceiveMessageWaitTimeSeconds": "0"}, "queue.long_poll", Verdict.WARNING),
        ({"MaximumMessageSize": "1024"}, "queue.message_size", Verdict.FAILED),
        ({"SqsManagedSseEnabled": "false"}, "queue.encryption", Verdict.FAILED),
        ({"RedrivePolicy": ""}, "queue.redrive", Verdict.FAILED),
        (
            {"RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn", "maxReceiveCount": "1"})},
            "queue.redrive",
            Verdict.WARNING,
        ),
    ],
)
def test_what_is_wrong_with_a_queue_is_told_alone(changed: dict[str, str], check: str, verdict: Verdict) -> None:
    assert worst(list(judge_queue(QUEUE | changed))) == {(check, verdict)}


def test_a_key_of_ones_own_is_encryption_too() -> None:
    keyed = QUEUE | {"SqsManagedSseEnabled": "false", "KmsMasterKeyId": "alias/jobs"}
    assert worst(list(judge_queue(keyed))) == set()


@pytest.mark.parametrize(
    ("changed", "check", "verdict"),
    [
        ({"MessageRetentionPeriod": str(4 * DAY)}, "dlq.retention", Verdict.FAILED),
        ({"SqsManagedSseEnabled": "false"}, "dlq.encryption", Verdict.FAILED),
        ({"RedriveAllowPolicy": ""}, "dlq.sources", Verdict.WARNING),
        (
            {"RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [ARN, "other"]})},
            "dlq.sources",
            Verdict.WARNING,
        ),
        ({"ApproximateNumberOfMessages": "7"}, "dlq.empty", Verdict.WARNING),
    ],
)
def test_what_is_wrong_with_a_dead_letter_queue_is_told_alone(
    changed: dict[str, str], check: str, verdict: Verdict
) -> None:
    assert worst(list(judge_dead_letter_queue(DEAD_LETTERS | changed, QUEUE))) == {(check, verdict)}


@pytest.mark.parametrize(
    ("dead_letters", "seconds", "verdict"),
    [
        (DEAD_LETTERS, 18 * DAY - 1, Verdict.FAILED),
        (DEAD_LETTERS, 18 * DAY, Verdict.OK),
        (None, 18 * DAY, Verdict.UNKNOWN),
        (None, 4 * DAY - 1, Verdict.FAILED),
    ],
)
def test_a_message_that_is_kept_as_long_as_can_be_must_still_be_taken(
    dead_letters: dict[str, str] | None, seconds: int, verdict: Verdict
) -> None:
    assert judge_age(QUEUE, dead_letters, seconds).verdict is verdict
