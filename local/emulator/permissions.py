"""Who may do what in the local account: one table a role, in the words of IAM.

The deployer's table holds what deploying the stack's seven resource types takes and no more: create, read, update,
delete and tag, on names that begin with `retainwise-local-`. What is missing here fails on the laptop as it would in
the pipeline.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from local.emulator import account

Row = tuple[str, Sequence[str], Sequence[str]] | tuple[str, Sequence[str], Sequence[str], Mapping[str, object]]
"""A service's prefix, actions without it, the ARNs they may be used on, and perhaps a condition."""
Table = Sequence[Row]

_QUEUES: Final = f"arn:aws:sqs:{account.REGION}:{account.ACCOUNT_ID}:{account.NAME_PREFIX}*"
_ROLES: Final = f"arn:aws:iam::{account.ACCOUNT_ID}:role/{account.NAME_PREFIX}*"
_POLICIES: Final = f"arn:aws:iam::{account.ACCOUNT_ID}:policy/{account.NAME_PREFIX}*"
_ALARMS: Final = f"arn:aws:cloudwatch:{account.REGION}:{account.ACCOUNT_ID}:alarm:{account.NAME_PREFIX}*"
_QUEUE: Final = account.queue_arn(account.QUEUE_NAME)
_DEAD_LETTERS: Final = account.queue_arn(account.DEAD_LETTER_QUEUE_NAME)

DEPLOYER: Final[Table] = (
    # queues, queue policies, redrive-allow policies
    ("sqs", ("CreateQueue", "DeleteQueue", "GetQueueUrl", "GetQueueAttributes", "SetQueueAttributes"), [_QUEUES]),
    ("sqs", ("ListQueueTags", "TagQueue", "UntagQueue"), [_QUEUES]),
    # roles and attachments
    ("iam", ("CreateRole", "DeleteRole", "GetRole"), [_ROLES]),
    ("iam", ("UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy"), [_ROLES]),
    ("iam", ("ListRoleTags", "TagRole", "UntagRole"), [_ROLES]),
    ("iam", ("ListRolePolicies", "ListInstanceProfilesForRole"), [_ROLES]),  # read before a role is deleted
    ("iam", ("AttachRolePolicy", "DetachRolePolicy"), [_ROLES], {"ArnLike": {"iam:PolicyARN": _POLICIES}}),
    ("iam", ("ListAttachedRolePolicies",), [_ROLES]),
    # managed policies
    ("iam", ("CreatePolicy", "DeletePolicy", "GetPolicy", "ListPolicyTags", "TagPolicy", "UntagPolicy"), [_POLICIES]),
    ("iam", ("CreatePolicyVersion", "DeletePolicyVersion", "GetPolicyVersion", "ListPolicyVersions"), [_POLICIES]),
    # alarms
    ("cloudwatch", ("PutMetricAlarm", "DeleteAlarms"), [_ALARMS]),
    ("cloudwatch", ("ListTagsForResource", "TagResource", "UntagResource"), [_ALARMS]),
    ("cloudwatch", ("DescribeAlarms",), ["*"]),  # it lists the account's alarms
    # whose account this is
    ("sts", ("GetCallerIdentity",), ["*"]),
)

OPERATOR: Final[Table] = (
    ("sqs", ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"), [_DEAD_LETTERS]),
    ("sqs", ("GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues"), [_DEAD_LETTERS]),
    ("sqs", ("StartMessageMoveTask", "ListMessageMoveTasks", "CancelMessageMoveTask"), [_DEAD_LETTERS]),
    ("sqs", ("SendMessage", "GetQueueAttributes", "GetQueueUrl"), [_QUEUE]),  # where a redrive sends to
    ("sqs", ("ListQueues",), ["*"]),
    ("cloudwatch", ("DescribeAlarms", "DescribeAlarmHistory", "GetMetricStatistics", "GetMetricData"), ["*"]),
)

BREAK_GLASS: Final[Table] = (
    ("sqs", ("PurgeQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl"), [_QUEUE, _DEAD_LETTERS]),
)

ROLES: Final[Mapping[str, Table]] = {
    account.DEPLOYER: DEPLOYER,
    account.OPERATOR: OPERATOR,
    account.BREAK_GLASS: BREAK_GLASS,
    account.ADMINISTRATOR: (("", ("*",), ["*"]),),
}
"""The local account's roles."""

OUTSIDER_ROLES: Final[Mapping[str, Table]] = {account.OUTSIDER: (("sqs", ("*",), ["*"]),)}
"""The other account's."""


def _statement(
    service: str, actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, object] | None = None
) -> dict[str, object]:
    statement = {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" if service else action for action in actions],
        "Resource": list(resources),
    }
    return statement | ({"Condition": condition} if condition else {})


def document(table: Table) -> str:
    """Writes a table as an IAM policy document.

    Args:
        table: The table.

    Returns:
        The document as JSON.
    """
    statements = [_statement(*row) for row in table]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust(owner: str) -> str:
    """Writes the trust policy of an account's own role: whoever in the account is allowed to assume it.

    Args:
        owner: The account's id.

    Returns:
        The document as JSON.
    """
    principal = {"AWS": f"arn:aws:iam::{owner}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
