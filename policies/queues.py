"""Rules on queues: failed messages have somewhere to go, and go there in time."""

import json
from collections.abc import Mapping

from pulumi_policy import Severity

from access.documents import MalformedDocumentError, parse_document
from policies.rule import Resource, ResourceRule, Rule, Stack, StackRule, Violations
from policies.settings import RuleSettings

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REDRIVE_POLICY = "aws:sqs/redrivePolicy:RedrivePolicy"
MAX_RECEIVE_COUNT = range(2, 10 + 1)


def max_receive_count_within_limits(resource: Resource, _settings: RuleSettings) -> Violations:
    """A redrive policy tries a message more than once and not for ever.

    With one receive a worker that is merely restarted condemns its message; with very many a poisonous message keeps
    workers busy. Implements AwsSolutions-SQS3 and CT.SQS.PR.1, which ask for a dead-letter queue alone.
    """
    if "redrivePolicy" not in resource.properties:
        return
    redrive = _json_object(resource.properties["redrivePolicy"])
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


def dead_letter_queue_behind_every_queue(queue: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """Every queue has a dead-letter queue, or is one.

    Implements AwsSolutions-SQS3 and CT.SQS.PR.1. A queue is known to be a dead-letter queue when the redrive policy of
    another queue of the stack names it.
    """
    separate = list(stack.of(REDRIVE_POLICY))
    redrives = [_json_object(text) for one in (*stack.of(QUEUE), *separate) if (text := one.given("redrivePolicy"))]
    target_names = {str(redrive.get("deadLetterTargetArn")).rsplit(":", 1)[-1] for redrive in redrives}
    if queue.given("redrivePolicy") or queue.properties.get("name") in target_names:
        return
    if any(one.properties["queueUrl"] == queue.properties.get("url") for one in separate):
        return
    yield (
        f"queue {queue.properties.get('name')!r} has no dead-letter queue, so a message that cannot be handled"
        " comes back until it expires; give it a redrive policy that names one of this stack"
    )


def policy_on_every_queue(queue: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """Every queue has a queue policy; without one, every identity with a broad Allow may do anything with it.

    A policy belongs to the queue that its statements name as their resource, since the queue's URL is not known at the
    first preview.
    """
    named = {
        resource.rsplit(":", 1)[-1]
        for one in stack.of(QUEUE_POLICY, QUEUE)
        if (text := one.given("policy"))
        for resource in _resources(text)
    }
    if queue.properties.get("name") not in named:
        yield (
            f"queue {queue.properties.get('name')!r} has no queue policy, so nothing restrains an administrator; add a"
            " QueuePolicy whose statements name this queue as their Resource"
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


QUEUE_RULES: tuple[Rule[RuleSettings], ...] = (
    ResourceRule(
        name="queue-max-receive-count",
        description="A message is tried more than once, and not for ever.",
        remediation="Set maxReceiveCount in the queue's redrive policy to 2 to 10.",
        severity=Severity.MEDIUM,
        controls=("AwsSolutions-SQS3", "CT.SQS.PR.1"),
        settings=RuleSettings,
        types=frozenset({QUEUE, REDRIVE_POLICY}),
        check=max_receive_count_within_limits,
    ),
    StackRule(
        name="queue-has-dead-letter-queue",
        description="Behind every queue stands a dead-letter queue.",
        remediation="Give the queue a redrive policy that names a dead-letter queue of this stack.",
        severity=Severity.HIGH,
        controls=("AwsSolutions-SQS3", "CT.SQS.PR.1"),
        settings=RuleSettings,
        types=frozenset({QUEUE}),
        check=dead_letter_queue_behind_every_queue,
    ),
    StackRule(
        name="queue-has-policy",
        description="Every queue has a queue policy.",
        remediation="Add a QueuePolicy for the queue.",
        severity=Severity.HIGH,
        controls=(),
        settings=RuleSettings,
        types=frozenset({QUEUE}),
        check=policy_on_every_queue,
    ),
)
