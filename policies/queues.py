"""The rules on queues."""

from pulumi_policy import Severity

from policies.delivery import LONG_POLLING, MESSAGE_SIZE, VISIBILITY_TIMEOUT
from policies.encryption import DATA_KEY_REUSE, ENCRYPTED, OWN_KEY
from policies.links import links_of
from policies.redrive import HAS_DEAD_LETTER_QUEUE, MAX_RECEIVE_COUNT, REACHES_DEAD_LETTER_QUEUE
from policies.redrive_allow import NAMES_SOURCES
from policies.resource_types import QUEUE
from policies.retention import KEEPS_LONGER, KEEPS_THROUGH_RETRIES
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings
from policies.tags import REQUIRED_TAGS


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

QUEUE_RULES = (
    HAS_POLICY,
    HAS_DEAD_LETTER_QUEUE,
    REACHES_DEAD_LETTER_QUEUE,
    NAMES_SOURCES,
    MAX_RECEIVE_COUNT,
    KEEPS_LONGER,
    KEEPS_THROUGH_RETRIES,
    VISIBILITY_TIMEOUT,
    LONG_POLLING,
    MESSAGE_SIZE,
    ENCRYPTED,
    OWN_KEY,
    DATA_KEY_REUSE,
    REQUIRED_TAGS,
)
