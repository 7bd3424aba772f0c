"""IAM statements and documents as pure functions: nothing of Pulumi, so every one can be tested and evaluated alone.

Documents are canonical: statements keep their order, actions and values are sorted, a single value stands alone, as AWS
gives them back. Documents that differ only in form would otherwise show as drift.

A negated operator (`ArnNotEquals`, `StringNotEquals`) is true where its key is absent (IAM user guide, "Condition
operators"). Each Deny below says what that means for it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

PRODUCER_ACTIONS = ("sqs:SendMessage",)
CONSUMER_ACTIONS = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage")
MESSAGE_ACTIONS = tuple(sorted((*PRODUCER_ACTIONS, *CONSUMER_ACTIONS)))
LOOKUP_ACTIONS = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")

Values: TypeAlias = str | list[str]
Conditions: TypeAlias = dict[str, dict[str, Values]]


class Statement(TypedDict, total=False):
    """One statement of a policy document, in IAM's own spelling."""

    Sid: str
    Effect: Literal["Allow", "Deny"]
    Principal: str | dict[str, Values]
    Action: Values
    Resource: Values
    Condition: Conditions


@dataclass(frozen=True)
class VpcOrigin:
    """The VPC that requests must come from, and the SQS interface endpoint in it that they must come through.

    The keys `aws:SourceVpc` and `aws:SourceVpce` exist only on requests through an interface endpoint, so a VPC without
    an endpoint would shut everybody out.

    Args:
        vpc_id: The VPC, `vpc-…`.
        vpc_endpoint_id: The interface endpoint for SQS, `vpce-…`.
    """

    vpc_id: str
    vpc_endpoint_id: str

    @property
    def required(self) -> Conditions:
        """The condition of an Allow: through the endpoint, which lies in the VPC.

        One key says both. SQS takes ten conditions in a policy (developer guide, "Quotas related to policies"), and the
        Denies need the others.
        """
        return {"StringEquals": {"aws:SourceVpce": self.vpc_endpoint_id}}


def document(statements: Sequence[Statement]) -> str:
    """The policy document of these statements, as canonical JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def _values(values: Iterable[str]) -> Values:
    ordered = sorted(set(values))
    return ordered[0] if len(ordered) == 1 else ordered


# ---- Identity policies: what a role may do


def allow(
    sid: str, actions: Iterable[str], resources: Iterable[str], condition: Mapping[str, dict[str, Values]] | None = None
) -> Statement:
    """An Allow of an identity policy.

    Args:
        sid: The statement's name, letters and digits.
        actions: What is allowed.
        resources: On what.
        condition: Under which condition; without one, always.
    """
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _values(actions),
        "Resource": _values(resources),
    }
    return {**statement, "Condition": dict(condition)} if condition else statement


def use_key_through_sqs(sid: str, actions: Iterable[str], key_arn: str, region: str) -> Statement:
    """An Allow to use a KMS key, only when SQS asks for it on the role's behalf.

    A producer needs `kms:GenerateDataKey` and `kms:Decrypt`, a consumer `kms:Decrypt` (SQS developer guide, "Key
    management").
    """
    return allow(sid, actions, [key_arn], {"StringEquals": {"kms:ViaService": f"sqs.{region}.amazonaws.com"}})


def trust_ecs_tasks(*, account_id: str, tasks_arn_pattern: str) -> Statement:
    """The trust of a task role: ECS tasks of this account and region, nobody else.

    The two conditions keep ECS from being used as a confused deputy for somebody else's account (ECS developer guide,
    "Amazon ECS task IAM role").

    Args:
        account_id: The account whose tasks may take the role.
        tasks_arn_pattern: Which ECS resources may ask, such as `arn:aws:ecs:us-east-1:123456789012:*`.
    """
    return {
        "Sid": "TrustEcsTasks",
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": tasks_arn_pattern},
            "StringEquals": {"aws:SourceAccount": account_id},
        },
    }


# ---- Queue policies: who may touch a queue


def allow_from_vpc(
    sid: str, principal_arns: Iterable[str], actions: Iterable[str], queue_arn: str, origin: VpcOrigin
) -> Statement:
    """An Allow to named principals, only through the endpoint in the VPC."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": _values(principal_arns)},
        "Action": _values(actions),
        "Resource": queue_arn,
        "Condition": origin.required,
    }


def deny_others(sid: str, actions: Iterable[str], queue_arn: str, except_principal_arns: Iterable[str]) -> Statement:
    """A Deny to every principal but the named ones, administrators included.

    Within one account an Allow in somebody's identity policy suffices, so only a Deny restrains an administrator.
    `aws:PrincipalArn` of a role's session is the role's ARN. The key is absent on anonymous requests and on requests of
    AWS's services as themselves, which are thus denied too.

    Args:
        sid: The statement's name.
        actions: What is denied.
        queue_arn: On which queue.
        except_principal_arns: Who is spared, at least one.
    """
    return _deny(sid, actions, queue_arn, {"ArnNotEquals": {"aws:PrincipalArn": _values(except_principal_arns)}})


def deny_to_all(sid: str, actions: Iterable[str], queue_arn: str) -> Statement:
    """A Deny to every principal, with nobody spared.

    AWS's services as themselves are left to the absence of an Allow (`aws:PrincipalIsAWSService`), so that nothing that
    SQS does with a dead-letter queue of its own accord depends on this statement.
    """
    return _deny(sid, actions, queue_arn, {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})


def deny_outside_vpc(queue_arn: str, origin: VpcOrigin, *, except_forwarded: bool) -> Statement:
    """A Deny to touch messages from outside the VPC, whoever asks.

    The key is absent on every request that does not come through an interface endpoint: the console, a laptop, another
    region. All of those are denied. AWS's services as themselves are left to the absence of an Allow.

    Args:
        queue_arn: On which queue.
        origin: The VPC.
        except_forwarded: Whether calls that AWS makes on a principal's behalf (`aws:ViaAWSService`) are spared: a
            redrive by `StartMessageMoveTask` is such a call, and it comes from no VPC. Needed only with an operator.
    """
    condition: Conditions = {
        "StringNotEquals": {"aws:SourceVpc": origin.vpc_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    if except_forwarded:
        condition["BoolIfExists"]["aws:ViaAWSService"] = "false"
    return _deny("DenyMessagesFromOutsideVpc", MESSAGE_ACTIONS, queue_arn, condition)


def deny_plain_text(queue_arn: str) -> Statement:
    """A Deny of everything that does not come over TLS."""
    return _deny("DenyPlainText", ["sqs:*"], queue_arn, {"Bool": {"aws:SecureTransport": "false"}})


def deny_destruction(
    queue_arn: str, *, break_glass_arns: Sequence[str], deployer_arns: Sequence[str]
) -> list[Statement]:
    """The Denies of PurgeQueue to all but break-glass, and of DeleteQueue to all but break-glass and the deployers.

    A deployer must be able to delete what it made; it never needs to purge. Control-plane actions such as
    SetQueueAttributes are not denied, so that nobody locks themselves out: recovery would take the root user.
    """
    spared_by_action = {"PurgeQueue": break_glass_arns, "DeleteQueue": [*break_glass_arns, *deployer_arns]}
    statements = []
    for action, spared in spared_by_action.items():
        condition: Conditions = {"ArnNotEquals": {"aws:PrincipalArn": _values(spared)}} if spared else {}
        statements.append(_deny(f"Deny{action}", [f"sqs:{action}"], queue_arn, condition))
    return statements


def _deny(sid: str, actions: Iterable[str], queue_arn: str, condition: Conditions) -> Statement:
    statement: Statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": _values(actions),
        "Resource": queue_arn,
    }
    return {**statement, "Condition": condition} if condition else statement
