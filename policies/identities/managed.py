"""Roles are given policies that are their own."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Annotated, TypeAlias

from pulumi_policy import Severity
from pulumi_policy.proxy import UnknownValueError
from pydantic import Field

from policies.identities.holders import ARNS_OF, given_by, has_arn
from policies.reading.doubt import as_far_as_known
from policies.reading.resource_types import POLICY
from policies.reading.values import members
from policies.rule import Resource, Stack, StackRule, Violations
from policies.settings import RuleSettings

_AWS_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/")

PolicyArn: TypeAlias = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:policy/[^*?$]+$")]


class AttachmentSettings(RuleSettings):
    """Which policies of others may be attached."""

    outside: tuple[PolicyArn, ...] = Field(
        default=(), description="Policies of other stacks that may be attached, by full ARN; they are judged there."
    )


def no_aws_managed_policy(resource: Resource, stack: Stack, settings: AttachmentSettings) -> Violations:
    """Nobody is given a policy that AWS keeps, nor one of another stack that the configuration does not name.

    What AWS keeps allows patterns, and what another stack keeps is not judged here. Implements AwsSolutions-IAM4 and
    CKV_AWS_274.

    At the first preview the ARN of a policy that the stack itself makes is not known. That it is the stack's is, and
    that policy's own document is what counts: other rules read it.
    """
    own = list(stack.of(POLICY))
    name = ARNS_OF[resource.type_token]
    sources = resource.sources.get(name, frozenset())
    made_here = bool(sources) and sources <= {one.urn for one in own}
    yield from as_far_as_known(_of_others(read, own, settings, made_here=made_here) for read in _reads(resource, name))


def _reads(resource: Resource, name: str) -> Iterator[Callable[[], object]]:
    """How to read each ARN that a property holds."""
    try:
        arns = members(given_by(resource, name))
    except UnknownValueError:
        arns = ()
    if arns:
        yield from (partial(arns.__getitem__, position) for position in range(len(arns)))
    else:
        yield partial(given_by, resource, name)


def _of_others(
    read: Callable[[], object], own: Iterable[Resource], settings: AttachmentSettings, *, made_here: bool
) -> Violations:
    try:
        arn = read()
    except UnknownValueError:
        if made_here:
            return
        raise
    if not isinstance(arn, str):
        return  # none is attached
    if _AWS_MANAGED.match(arn):
        yield f"{arn} is attached, a policy that AWS keeps; write one that names the actions and ARNs it needs"
    elif arn not in settings.outside and not any(has_arn(one, arn) for one in own):
        yield f"{arn} is attached, which is no policy of this stack; write it here, or name it in outside"


NO_AWS_MANAGED_POLICY = StackRule(
    name="role-has-no-aws-managed-policy",
    description="A role's policies are its own.",
    remediation="Replace the AWS-managed policy by one that names the actions and ARNs that the code uses.",
    severity=Severity.HIGH,
    controls=("AwsSolutions-IAM4", "CKV_AWS_274"),
    settings=AttachmentSettings,
    types=frozenset(ARNS_OF),
    check=no_aws_managed_policy,
)
