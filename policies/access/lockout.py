"""Whoever deploys can always mend a queue's policy."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pulumi_policy import Severity
from pydantic import Field

from access.documents import ANYBODY, Condition, MalformedDocumentError, Statement
from access.evaluator import Reason, evaluate
from access.policy import Policy, PolicySet
from access.request import Principal, Request
from policies.reading.callers import CallerArn, account_of, whole_account
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

# What tells one caller from another; a Deny that asks for one of them is not for everybody.
_WHO = re.compile(
    r"aws:(principal(arn|account|orgid|orgpaths|type|tag/.+|servicename|servicenameslist)|userid|username)"
)


class LockoutSettings(RuleSettings):
    """Who deploys."""

    deployer_arns: tuple[CallerArn, ...] = Field(default=(), description="Who deploys the queues, by full ARN.")


def deployer_kept(document: Document, settings: LockoutSettings) -> Violations:
    """No Deny keeps whoever deploys from mending the queue's policy.

    A policy that denies SetQueueAttributes to everybody can be mended by the account's root user alone (SQS developer
    guide, "Troubleshoot access denied errors"), and takes the whole queue out of Pulumi's hands until then. The common
    slip is a Deny of sqs:* with Principal "*" and a condition on the VPC alone: a pipeline comes from no VPC.

    Where deployers are configured, each must be denied nothing that an update takes, over TLS and from outside the VPC.
    Where not, a Deny of those actions must spare somebody by who he is, or be about TLS. No public scanner looks for
    this, so there is no id to cite.
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
    if not deployers:
        if (denied := [action for action in MENDING if deny.covers_action(action)]) and _is_for_all(deny):
            yield "everybody", denied
        return
    policies = PolicySet(resource=(Policy("the queue policy", (deny,)),))
    for deployer in deployers:
        try:
            denied = [
                action
                for action in MENDING
                if any(_is_denied(policies, _request(deployer, action, queue)) for queue in queues)
            ]
        except MalformedDocumentError:
            return  # another rule tells
        if denied:
            yield deployer, denied


def _is_denied(policies: PolicySet, request: Request) -> bool:
    return evaluate(policies, request).reason is Reason.EXPLICIT_DENY


def _is_for_all(statement: Statement) -> bool:
    principals = statement.principals.aws if statement.principals else ()
    return any(one == ANYBODY or whole_account(one) for one in principals) and not any(
        _is_about_plain_text(one) or _spares_somebody(one) for one in statement.conditions
    )


def _is_about_plain_text(condition: Condition) -> bool:
    return condition.key == "aws:securetransport" and condition.values == ("false",)


def _spares_somebody(condition: Condition) -> bool:
    if condition.key == "aws:principalisawsservice":
        return condition.values == ("true",)
    return _WHO.fullmatch(condition.key) is not None and condition.operator != "null" and RUN not in condition.values


def _request(deployer: str, action: str, resource: str) -> Request:
    """What a deployer asks for, over TLS and from outside the VPC.

    Args:
        deployer: Who asks.
        action: To do what.
        resource: With which queue, as a Resource names it; one that a pattern matches will do.
    """
    own_account = account_of(deployer) or ""
    queue_arn = f"arn:aws:sqs:us-east-1:{own_account}:queue" if resource == RUN else re.sub(r"[*?]", "0", resource)
    context = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
    return Request(_caller(deployer), action, queue_arn, account_of(queue_arn) or own_account, context)


def _caller(arn: str) -> Principal:
    if arn.endswith(":root"):
        return Principal.root(account_of(arn) or "")
    return Principal.role_session(arn, "deployment") if ":role/" in arn else Principal.user(arn)


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
