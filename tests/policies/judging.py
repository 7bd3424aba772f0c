"""What one rule says of one policy document, asked as the engine asks."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from policies.rule import Rule
from policies.settings import SettingsT
from tests.policies.sound import queue_arn
from tests.policy_harness.declared import Declared
from tests.policy_harness.pack import PackUnderTest

Raw: TypeAlias = Mapping[str, object]
"""A statement, whatever it says."""

NAME = "jobs"
ARN = queue_arn(NAME)
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"


def judged(rule: Rule[SettingsT], *resources: Declared, **settings: object) -> list[str]:
    """What a rule says of resources.

    Args:
        rule: The rule.
        resources: The whole program.
        settings: The rule's configuration, by the keys that it has outside.
    """
    pack = PackUnderTest([rule.as_policy()], {rule.name: settings})
    outcome = pack.preview(resources)
    assert not outcome.undecided
    return [one.message for one in outcome.violations]


def of_queue(rule: Rule[SettingsT], statements: Sequence[Raw], **settings: object) -> str:
    """What a rule says of a queue's policy, line by line."""
    policy = Declared("aws:sqs/queuePolicy:QueuePolicy", "it", {"queueUrl": URL, "policy": document(*statements)})
    return "\n".join(judged(rule, policy, **settings))


def of_policy(rule: Rule[SettingsT], *statements: Raw, **settings: object) -> str:
    """What a rule says of a managed policy, line by line."""
    return "\n".join(
        judged(rule, Declared("aws:iam/policy:Policy", "it", {"policy": document(*statements)}), **settings)
    )


def of_trust(rule: Rule[SettingsT], *statements: Raw, **settings: object) -> str:
    """What a rule says of a role's trust policy, line by line."""
    role = Declared("aws:iam/role:Role", "it", {"name": "it", "assumeRolePolicy": document(*statements)})
    return "\n".join(judged(rule, role, **settings))


def document(*statements: Raw) -> str:
    """A document of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**elements: object) -> Raw:
    """An Allow on the queue, to be changed in any element."""
    return _statement("Allow", elements)


def deny(**elements: object) -> Raw:
    """A Deny on the queue to anybody, to be changed in any element."""
    return _statement("Deny", {"Principal": "*", "Action": "sqs:*", **elements})


def _statement(effect: str, elements: Raw) -> Raw:
    given = {"Sid": "It", "Effect": effect, "Action": "sqs:SendMessage", "Resource": ARN, **elements}
    return {name: value for name, value in given.items() if value is not None}
