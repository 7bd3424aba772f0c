"""Roles are given policies that are their own."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError

from policies.reading.doubt import as_far_as_known
from policies.reading.resource_types import POLICY, POLICY_ATTACHMENT, ROLE, ROLE_POLICY_ATTACHMENT
from policies.reading.values import members
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

_AWS_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/")


def no_aws_managed_policy(resource: Resource, stack: Stack, _settings: RuleSettings) -> Violations:
    """No role is given a policy that AWS keeps: they allow patterns. Implements AwsSolutions-IAM4 and CKV_AWS_274.

    At the first preview the ARN of a policy that the stack itself makes is not known. That it is the stack's is, and
    that policy's own document is what counts: other rules read it.
    """
    own = frozenset(one.urn for one in stack.of(POLICY))
    yield from as_far_as_known(
        _kept_by_aws(read, made_here=bool(sources) and sources <= own)
        for name in ("policyArn", "managedPolicyArns")
        for sources in [resource.sources.get(name, frozenset())]
        for read in _reads(resource, name)
    )


def _reads(resource: Resource, name: str) -> Iterator[Callable[[], object]]:
    """How to read each ARN that a property holds."""
    try:
        arns = members(resource.given(name))
    except UnknownValueError:
        arns = ()
    if arns:
        yield from (partial(arns.__getitem__, position) for position in range(len(arns)))
    else:
        yield partial(resource.given, name)


def _kept_by_aws(read: Callable[[], object], *, made_here: bool) -> Violations:
    try:
        arn = read()
    except UnknownValueError:
        if made_here:
            return
        raise
    if _AWS_MANAGED.match(str(arn)):
        yield f"{arn} is attached, a policy that AWS keeps; write one that names the actions and ARNs it needs"


NO_AWS_MANAGED_POLICY = StackRule(
    name="role-has-no-aws-managed-policy",
    description="A role's policies are its own.",
    remediation="Replace the AWS-managed policy by one that names the actions and ARNs that the code uses.",
    severity=Severity.HIGH,
    controls=("AwsSolutions-IAM4", "CKV_AWS_274"),
    settings=RuleSettings,
    types=frozenset({ROLE_POLICY_ATTACHMENT, POLICY_ATTACHMENT, ROLE}),
    check=no_aws_managed_policy,
)
