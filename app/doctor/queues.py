"""The queue and its dead-letter queue: whether they answer, and whether they are as this application needs them."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from app.aws_failures import AWS_ERRORS, AwsFailure, FailureKind
from app.doctor.answers import is_not_allowed, unanswered
from app.doctor.finding import Finding
from app.message import MAX_BODY_BYTES

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient as BotoSQSClient

Attributes = Mapping[str, str]

REACHED = "queue.reached"

_DEPLOY = "deploy the stack again, which sets it"


def examine(sqs: "BotoSQSClient", queue_url: str, max_age_seconds: int) -> Iterator[Finding]:
    """Look at both queues."""
    try:
        attributes = _attributes(sqs, queue_url)
    except AWS_ERRORS as error:
        yield _no_queue(AwsFailure.of(error), queue_url)
        return
    yield Finding.ok(REACHED, queue_url)
    yield from judge_queue(attributes)
    target = _redrive(attributes).get("deadLetterTargetArn")
    if not isinstance(target, str):
        return
    try:
        owner, name = target.split(":")[-2:]
        dlq_url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner)["QueueUrl"]
        dead_letters = _attributes(sqs, dlq_url)
    except AWS_ERRORS as error:
        yield _no_dead_letter_queue(AwsFailure.of(error), target)
        yield judge_age(attributes, None, max_age_seconds)
        return
    yield from judge_dead_letter_queue(dead_letters, attributes)
    yield judge_age(attributes, dead_letters, max_age_seconds)


def _attributes(sqs: "BotoSQSClient", url: str) -> Attributes:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return {str(name): value for name, value in answer["Attributes"].items()}


def _no_queue(failure: AwsFailure, queue_url: str) -> Finding:
    if failure.kind is FailureKind.NO_QUEUE:
        return Finding.failed(
            REACHED, f"there is no queue {queue_url}", "set PREDICTIONS_QUEUE_URL to the stack's output"
        )
    if is_not_allowed(failure):
        return Finding.failed(
            REACHED,
            f"{failure.code}: {failure.message}",
            "each role may ask its queue: see that the URL is right, that the credentials are the role's, "
            "and that this comes through the VPC endpoint",
        )
    return unanswered(REACHED, failure, "asking the queue for its attributes")


def _no_dead_letter_queue(failure: AwsFailure, arn: str) -> Finding:
    if failure.kind is FailureKind.NO_QUEUE:
        return Finding.failed("dlq.reached", f"there is no queue {arn}: what fails is lost", _DEPLOY)
    return unanswered("dlq.reached", failure, "asking the dead-letter queue for its attributes")


def judge_queue(attributes: Attributes) -> Iterator[Finding]:
    """Hold the queue's attributes against what this application needs."""
    if attributes.get("FifoQueue") == "true":
        yield Finding.failed("queue.type", "a FIFO queue", "use a standard queue: publisher and worker know no groups")
    else:
        yield Finding.ok("queue.type", "standard")
    yield _judge_visibility(int(attributes["VisibilityTimeout"]))
    wait = int(attributes["ReceiveMessageWaitTimeSeconds"])
    if wait == 0:
        yield Finding.warning("queue.long_poll", "none: other consumers pay for every empty receive", _DEPLOY)
    else:
        yield Finding.ok("queue.long_poll", f"{wait} s")
    size = int(attributes.get("MaximumMessageSize", MAX_BODY_BYTES))
    if size < MAX_BODY_BYTES:
        yield Finding.failed("queue.message_size", f"{size} bytes; a message may have {MAX_BODY_BYTES}", _DEPLOY)
    else:
        yield Finding.ok("queue.message_size", f"{size} bytes")
    yield _judge_encryption("queue.encryption", attributes)
    yield _judge_redrive(_redrive(attributes))


def _judge_visibility(seconds: int) -> Finding:
    check = "queue.visibility_timeout"
    if seconds == 0:
        return Finding.failed(check, "0 s: every message is handed out to everybody at once", _DEPLOY)
    if seconds < 30:  # noqa: PLR2004 - a worker that is paused for so long is no rarity
        return Finding.warning(check, f"{seconds} s: a short pause of a worker loses its lease", _DEPLOY)
    return Finding.ok(check, f"{seconds} s")


def _judge_encryption(check: str, attributes: Attributes) -> Finding:
    key = attributes.get("KmsMasterKeyId")
    if key:
        return Finding.ok(check, f"by the KMS key {key}")
    if attributes.get("SqsManagedSseEnabled") == "true":
        return Finding.ok(check, "by SQS's own keys")
    return Finding.failed(check, "none at rest", _DEPLOY)


def _redrive(attributes: Attributes) -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(attributes.get("RedrivePolicy") or "{}")
    return found


def _judge_redrive(redrive: Mapping[str, object]) -> Finding:
    check = "queue.redrive"
    target, receives = redrive.get("deadLetterTargetArn"), int(str(redrive.get("maxReceiveCount", 0)))
    if not target:
        return Finding.failed(check, "no dead-letter queue: what fails comes again until it expires", _DEPLOY)
    if receives < 2:  # noqa: PLR2004 - one failure, of whatever kind, and it is dead
        return Finding.warning(check, f"to {target} after one receive: any restart of a worker dead-letters", _DEPLOY)
    return Finding.ok(check, f"to {target} after {receives} receives")


def judge_dead_letter_queue(attributes: Attributes, queue: Attributes) -> Iterator[Finding]:
    """Hold the dead-letter queue's attributes against the queue's."""
    yield Finding.ok("dlq.reached", attributes["QueueArn"])
    keeps, before = int(attributes["MessageRetentionPeriod"]), int(queue["MessageRetentionPeriod"])
    if keeps <= before:
        detail = (
            f"{keeps} s, the queue's own are {before} s: a message may expire as it arrives, since its age counts on"
        )
        yield Finding.failed("dlq.retention", detail, _DEPLOY)
    else:
        yield Finding.ok("dlq.retention", f"{keeps} s")
    yield _judge_encryption("dlq.encryption", attributes)
    allowed: Mapping[str, object] = json.loads(attributes.get("RedriveAllowPolicy") or "{}")
    sources = allowed.get("sourceQueueArns")
    if allowed.get("redrivePermission") == "byQueue" and sources == [queue["QueueArn"]]:
        yield Finding.ok("dlq.sources", "this queue alone")
    else:
        yield Finding.warning("dlq.sources", "other queues may use it as theirs", _DEPLOY)
    waiting = int(attributes["ApproximateNumberOfMessages"])
    if waiting:
        yield Finding.warning("dlq.empty", f"about {waiting} dead letters", "look at them: `python -m app dlq list`")
    else:
        yield Finding.ok("dlq.empty", "no dead letters")


def judge_age(queue: Attributes, dead_letters: Attributes | None, max_age_seconds: int) -> Finding:
    """Whether a message that both queues kept as long as they can would still be accepted after a redrive.

    Args:
        queue: The queue's attributes.
        dead_letters: The dead-letter queue's; None where this role may not see them.
        max_age_seconds: `MESSAGE_MAX_AGE_SECONDS`.
    """
    check = "message_age"
    kept = int(queue["MessageRetentionPeriod"]) + int((dead_letters or {}).get("MessageRetentionPeriod", 0))
    if max_age_seconds < kept:
        return Finding.failed(
            check,
            f"MESSAGE_MAX_AGE_SECONDS is {max_age_seconds}, the queues keep a message for {kept} s: a redriven old one "
            "would be refused",
            "set it to the retention of both queues together, as the stack's container_environment does",
        )
    if dead_letters is None:
        return Finding.unknown(check, "this role may not see how long the dead-letter queue keeps a message")
    return Finding.ok(check, f"{max_age_seconds} s, and the queues keep a message for {kept} s")
