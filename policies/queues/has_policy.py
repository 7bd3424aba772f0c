"""Every queue has a queue policy."""

from pulumi_policy import Severity

from policies.reading.links import links_of
from policies.reading.resource_types import QUEUE
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings


def policy_on_every_queue(queue: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """Every queue has a queue policy; without one, every identity with a broad Allow may do anything with it.

    What it says is for the rules on access. No public scanner asks that there is one.
    """
    if not any(links_of(stack).documents(queue, "policy")):
        yield ("the queue has no queue policy, so nothing restrains an administrator; add a QueuePolicy for it")


HAS_POLICY = StackRule(
    name="queue-has-policy",
    description="Every queue has a queue policy.",
    remediation="Add a QueuePolicy for the queue.",
    severity=Severity.HIGH,
    controls=(),
    settings=RuleSettings,
    types=frozenset({QUEUE}),
    check=policy_on_every_queue,
)
