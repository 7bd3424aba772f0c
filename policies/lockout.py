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
from policies.callers import CallerArn
from policies.documents import CARRIERS, Document, Kind, on_documents
from policies.patterns import RUN
from policies.queue_arn import QueueArn
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

_CALLERS_OWN_POLICY = Policy.parse(
    "the deployer's own policy",
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]},
)
# What tells one caller from another; a Deny that asks for one of them is not for everybody.
_WHO = re.compile(
    r"aws:(principal(arn|account|orgid|orgpaths|type|tag/.+|servicename|servicenameslist)|userid|username)"
)
_ROOT = re.compile(r"(?:arn:[^:]+:iam::)?\d{12}(?::root)?")


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
    yield from _denied_to(document, settings.deployer_arns) if settings.deployer_arns else _denied_to_all(document)


def _denied_to(document: Document, deployers: Sequence[CallerArn]) -> Iterator[str]:
    policies = PolicySet(resource=(Policy("the queue policy", document.statements),), identity=(_CALLERS_OWN_POLICY,))
    for deployer in deployers:
        denied: dict[str, list[str]] = {}
        for resource in _queues(document):
            for action in MENDING:
                try:
                    decision = evaluate(policies, _request(deployer, action, resource))
                except MalformedDocumentError:
                    return  # another rule tells
                if decision.reason is Reason.EXPLICIT_DENY:
                    denied.setdefault(" and ".join(one.label for one in decision.by), []).append(action)
        for by, actions in denied.items():
            yield (
                f"{document.name}: {by} denies {', '.join(actions)} to {deployer}, who could not mend the policy again;"
                " spare it by ArnNotEquals on aws:PrincipalArn"
            )


def _denied_to_all(document: Document) -> Iterator[str]:
    for statement in document.statements:
        denied = [action for action in MENDING if statement.covers_action(action)]
        if not statement.allows and denied and _is_for_all(statement):
            yield (
                f"{document.at(statement)} denies {', '.join(denied)} to everybody, so nobody but the root user could"
                " mend the policy again; spare the deployer by ArnNotEquals on aws:PrincipalArn"
            )


def _is_for_all(statement: Statement) -> bool:
    principals = statement.principals.aws if statement.principals else ()
    return any(one == ANYBODY or _ROOT.fullmatch(one) for one in principals) and not any(
        _is_about_plain_text(one) or _spares_somebody(one) for one in statement.conditions
    )


def _is_about_plain_text(condition: Condition) -> bool:
    return condition.key == "aws:securetransport" and condition.values == ("false",)


def _spares_somebody(condition: Condition) -> bool:
    asks_for_services = condition.key == "aws:principalisawsservice" and condition.values == ("true",)
    return asks_for_services or _WHO.fullmatch(condition.key) is not None


def _request(deployer: str, action: str, queue_arn: str) -> Request:
    account = queue_arn.split(":")[_ACCOUNT_PART]
    context = {"aws:SecureTransport": ("true",), "aws:ViaAWSService": ("false",)}
    return Request(_caller(deployer), action, queue_arn, account, context)


def _caller(arn: str) -> Principal:
    if arn.endswith(":root"):
        return Principal.root(arn.split(":")[_ACCOUNT_PART])
    return Principal.role_session(arn, "deployment") if ":role/" in arn else Principal.user(arn)


def _queues(document: Document) -> list[str]:
    """The queues that the policy is about; one of each pattern, where it has patterns."""
    resources = {one for statement in document.statements for one in statement.resources}
    queues = {re.sub(r"[*?]", "0", one) if one != RUN else _SOME_QUEUE for one in resources}
    return sorted(one for one in queues if QueueArn.parse(one)) or [_SOME_QUEUE]


_ACCOUNT_PART: Final = 4
_SOME_QUEUE: Final = "arn:aws:sqs:us-east-1:000000000000:queue"

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
