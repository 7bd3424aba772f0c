"""Whoever deploys can always mend a queue's policy."""

from collections.abc import Iterator, Sequence
from typing import Final

from pulumi_policy import Severity
from pydantic import Field

from access.documents import MalformedDocumentError, Statement
from policies.access.deployment import may_deny, request_of
from policies.access.sparing import shuts_out_all
from policies.reading.callers import CallerArn
from policies.reading.documents import CARRIERS, Document, Kind, on_documents
from policies.reading.patterns import RUN
from policies.rule import ResourceRule, Violations
from policies.settings import RuleSettings

MENDING: Final = (
    "sqs:SetQueueAttributes",
    "sqs:GetQueueAttributes",
    "sqs:AddPermission",
    "sqs:RemovePermission",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
"""What an update of a queue, its policy and its tags takes."""


class LockoutSettings(RuleSettings):
    """Who deploys."""

    deployer_arns: tuple[CallerArn, ...] = Field(default=(), description="Who deploys the queues, by full ARN.")


def deployer_kept(document: Document, settings: LockoutSettings) -> Violations:
    """No Deny keeps whoever deploys from mending the queue's policy.

    A policy that denies SetQueueAttributes to everybody can be mended by the account's root user alone (SQS developer
    guide, "Troubleshoot access denied errors"), and takes the whole queue out of Pulumi's hands until then. The common
    slip is a Deny of sqs:* with Principal "*" and a condition on the VPC alone: a pipeline comes from no VPC.

    Where deployers are configured, each must be denied nothing that an update takes, over TLS and from outside the VPC,
    at whatever time, from whatever public address, and whatever else is not known of the request. Where not, a Deny of
    those actions must spare somebody by who he is, or be about TLS. No public scanner looks for this, so there is no id
    to cite.
    """
    queues = sorted({one for statement in document.statements for one in statement.resources}) or [RUN]
    for statement in document.statements:
        if not statement.allows:
            for whom, actions in _shut_out(statement, settings.deployer_arns, queues):
                yield (
                    f"{document.at(statement)} denies {', '.join(actions)} to {whom}, so only the root user could mend"
                    " the policy again; spare the deployer by ArnNotEquals on aws:PrincipalArn"
                )


def _shut_out(deny: Statement, deployers: Sequence[str], queues: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Whom a Deny keeps from what an update takes, and from what of it."""
    try:
        if not deployers:
            if (denied := [action for action in MENDING if deny.covers_action(action)]) and shuts_out_all(deny, queues):
                yield "everybody", denied
            return
        for deployer in deployers:
            if denied := [
                action for action in MENDING if any(may_deny(deny, request_of(deployer, action, one)) for one in queues)
            ]:
                yield deployer, denied
    except MalformedDocumentError:
        return  # another rule tells


DEPLOYER_KEPT = ResourceRule(
    name="queue-policy-keeps-deployer",
    description="No Deny keeps whoever deploys from mending the queue's policy.",
    remediation="Spare the deployer in the Deny, or leave SetQueueAttributes and its like out of it.",
    severity=Severity.CRITICAL,
    controls=(),
    settings=LockoutSettings,
    types=CARRIERS[Kind.QUEUE],
    check=on_documents(deployer_kept, Kind.QUEUE),
)
