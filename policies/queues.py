"""Rules on queues: failed messages have somewhere to go, and go there in time."""

import json
from collections.abc import Iterator, Mapping, Sequence

from pulumi_policy import Severity

from access.documents import MalformedDocumentError, parse_document
from policies.rule import Properties, Resource, ResourceRule, StackRule, Violations

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE_POLICY = "aws:sqs/redrivePolicy:RedrivePolicy"
MAX_RECEIVE_COUNT = range(2, 10 + 1)


def max_receive_count_within_limits(properties: Properties) -> Violations:
    """A redrive policy tries a message more than once and not for ever.

    With one receive a worker that is merely restarted condemns its message; with very many a poisonous message keeps
    workers busy. Implements AwsSolutions-SQS3 and CT.SQS.PR.1, which ask for a dead-letter queue alone.
    """
    if "redrivePolicy" not in properties:
        return
    redrive = _json_object(properties["redrivePolicy"])
    target, count = redrive.get("deadLetterTargetArn"), redrive.get("maxReceiveCount")
    if not target:
        yield "the redrive policy names no deadLetterTargetArn; set it to the ARN of the dead-letter queue"
    try:
        within = int(str(count)) in MAX_RECEIVE_COUNT
    except ValueError:
        within = False
    if not within:
        yield (
            f"maxReceiveCount is {count!r}; set it to {MAX_RECEIVE_COUNT.start} to {MAX_RECEIVE_COUNT.stop - 1}:"
            " fewer condemns a message whose worker was only restarted, more keeps workers busy with poison"
        )


def dead_letter_queue_behind_every_queue(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    """Every queue has a dead-letter queue, or is one.

    Implements AwsSolutions-SQS3 and CT.SQS.PR.1. A queue is known to be a dead-letter queue when the redrive policy of
    another queue of the stack names it.
    """
    queues = [one for one in resources if one.type_token == QUEUE]
    separate = [one for one in resources if one.type_token == REDRIVE_POLICY]
    redrives = [_json_object(text) for one in (*queues, *separate) if (text := one.given("redrivePolicy"))]
    target_names = {str(redrive.get("deadLetterTargetArn")).rsplit(":", 1)[-1] for redrive in redrives}
    for queue in queues:
        if queue.given("redrivePolicy") or queue.properties.get("name") in target_names:
            continue
        if any(one.properties["queueUrl"] == queue.properties.get("url") for one in separate):
            continue
        yield (
            queue.urn,
            (
                f"queue {queue.properties.get('name')!r} has no dead-letter queue, so a message that cannot be handled"
                " is tried until it expires and is then lost; give it a redrivePolicy"
            ),
        )


def policy_on_every_queue(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    """Every queue has a queue policy; without one, every identity with a broad Allow may do anything with it.

    A policy belongs to the queue that its statements name as their resource, since the queue's URL is not known at the
    first preview.
    """
    named = {
        resource.rsplit(":", 1)[-1]
        for one in resources
        if one.type_token in {QUEUE_POLICY, QUEUE} and (text := one.given("policy"))
        for resource in _resources(text)
    }
    for queue in resources:
        if queue.type_token == QUEUE and queue.properties.get("name") not in named:
            yield (
                queue.urn,
                (
                    f"queue {queue.properties.get('name')!r} has no queue policy, so nothing restrains an"
                    " administrator; add a QueuePolicy whose statements name this queue as their Resource"
                ),
            )


def _resources(text: object) -> set[str]:
    try:
        return {resource for statement in parse_document(text) for resource in statement.resources}
    except MalformedDocumentError:
        return set()  # the rules on access report it


def _json_object(text: object) -> Mapping[str, object]:
    try:
        value = json.loads(str(text)) if not isinstance(text, Mapping) else text
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, Mapping) else {}


QUEUE_RULES = (
    ResourceRule(
        name="queue-max-receive-count",
        description="A message is tried more than once, and not for ever.",
        remediation="Set maxReceiveCount in the queue's redrive policy to 2 to 10.",
        severity=Severity.MEDIUM,
        types=frozenset({QUEUE, REDRIVE_POLICY}),
        check=max_receive_count_within_limits,
    ),
    StackRule(
        name="queue-has-dead-letter-queue",
        description="Behind every queue stands a dead-letter queue.",
        remediation="Give the queue a redrive policy that names a dead-letter queue of this stack.",
        severity=Severity.HIGH,
        check=dead_letter_queue_behind_every_queue,
    ),
    StackRule(
        name="queue-has-policy",
        description="Every queue has a queue policy.",
        remediation="Add a QueuePolicy for the queue.",
        severity=Severity.HIGH,
        check=policy_on_every_queue,
    ),
)
