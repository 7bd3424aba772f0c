"""The small world in which cases play: few names, so that what is drawn meets often.

Accounts and network are the local stack's, so that cases can be tried on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from local.emulator import account
from tests.access.differential.case import Caller, Kind

ACCOUNT: Final = account.ACCOUNT_ID
OTHER_ACCOUNT: Final = account.OUTSIDER_ACCOUNT_ID

QUEUE: Final = f"arn:aws:sqs:{account.REGION}:{ACCOUNT}:jobs"
DEAD_LETTERS: Final = f"arn:aws:sqs:{account.REGION}:{ACCOUNT}:jobs-dlq"
OBJECT: Final = "arn:aws:s3:::uploads/alice/2026/customers.csv"

QUEUE_ACTIONS: Final = (
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:PurgeQueue",
)
OWNERS_ALONE: Final = (
    "sqs:AddPermission",
    "sqs:CancelMessageMoveTask",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueueTags",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "sqs:StartMessageMoveTask",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
"""What no queue policy can allow another account (SQS developer guide, "Limitations of … custom policies").

ListQueues is one too, but is about no queue.
"""
OBJECT_ACTIONS: Final = ("s3:GetObject", "s3:PutObject")


def _session(role: str, name: str, owner: str = ACCOUNT) -> Caller:
    role_name = role.rsplit("/", 1)[-1]
    return Caller(
        Kind.ROLE_SESSION,
        f"arn:aws:sts::{owner}:assumed-role/{role_name}/{name}",
        owner,
        f"arn:aws:iam::{owner}:role/{role}",
    )


def _user(path: str, owner: str = ACCOUNT) -> Caller:
    return Caller(Kind.USER, f"arn:aws:iam::{owner}:user/{path}", owner)


SESSIONS: Final = (
    _session("worker", "task-1"),
    _session("worker", "alice"),
    _session("service/jobs/producer", "task-1"),
    _session("worker", "task-1", OTHER_ACCOUNT),
)
USERS: Final = (_user("alice"), _user("staff/bob"), _user("alice", OTHER_ACCOUNT))
FEDERATED: Final = (
    Caller(
        Kind.FEDERATED, f"arn:aws:sts::{ACCOUNT}:federated-user/bob", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/staff/bob"
    ),
    Caller(
        Kind.FEDERATED, f"arn:aws:sts::{ACCOUNT}:federated-user/visitor", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice"
    ),
)
SERVICES: Final = tuple(Caller(Kind.SERVICE, f"{name}.amazonaws.com") for name in ("sns", "events"))
ANONYMOUS: Final = Caller(Kind.ANONYMOUS)


class Type(StrEnum):
    """What a condition key holds, which decides the operators that are used on it."""

    TEXT = "text"
    ARN = "ARN"
    FLAG = "flag"
    NUMBER = "number"
    DATE = "date"
    ADDRESS = "address"


@dataclass(frozen=True)
class Key:
    """A condition key.

    Args:
        type: What it holds.
        values: What it may hold here.
        several: Whether it holds several values at once.
    """

    type: Type
    values: tuple[str, ...]
    several: bool = False


_FLAGS: Final = ("true", "false")
_TEAMS: Final = ("jobs", "Jobs", "ops", "a*b", "a?b", "axb", "$1", "alice", "", "", "")  # a tag may be empty

KEYS: Final[Mapping[str, Key]] = {
    "aws:SourceVpc": Key(Type.TEXT, (account.VPC_ID, account.OTHER_VPC_ID)),
    "aws:SourceVpce": Key(Type.TEXT, (account.VPC_ENDPOINT_ID, "vpce-0f9e8d7c6b5a40312")),
    "aws:RequestedRegion": Key(Type.TEXT, (account.REGION, "eu-west-1")),
    "aws:PrincipalTag/team": Key(Type.TEXT, _TEAMS),
    "aws:ResourceTag/team": Key(Type.TEXT, _TEAMS),
    "aws:SourceIdentity": Key(Type.TEXT, ("YWxpY2U=", "Ym9i", "alice")),
    "aws:SourceAccount": Key(Type.TEXT, (ACCOUNT, OTHER_ACCOUNT)),
    "aws:SourceArn": Key(
        Type.ARN,
        (
            f"arn:aws:sns:us-east-1:{ACCOUNT}:news",
            f"arn:aws:events:eu-west-1:{OTHER_ACCOUNT}:rule/nightly",
            f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:jobs:late",
            f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:jobs-dlq:not-empty",
        ),
    ),
    "aws:SecureTransport": Key(Type.FLAG, _FLAGS),
    "aws:ViaAWSService": Key(Type.FLAG, _FLAGS),
    "aws:MultiFactorAuthPresent": Key(Type.FLAG, _FLAGS),
    "aws:MultiFactorAuthAge": Key(Type.NUMBER, ("0", "299", "300", "3600")),
    "aws:CurrentTime": Key(Type.DATE, ("2026-01-01T00:00:00Z", "2026-06-30T12:00:00Z")),
    "aws:TokenIssueTime": Key(Type.DATE, ("2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z")),
    "aws:EpochTime": Key(Type.DATE, ("1767225600", "1782820800")),
    "aws:SourceIp": Key(Type.ADDRESS, ("127.0.0.1", "198.51.100.200", "2001:db8::7")),
    "aws:VpcSourceIp": Key(Type.ADDRESS, (account.VPC_SOURCE_IP, "10.20.2.1")),
    "aws:TagKeys": Key(Type.TEXT, ("team", "Team", "stage", "owner"), several=True),
    "aws:CalledVia": Key(Type.TEXT, ("athena.amazonaws.com", "cloudformation.amazonaws.com"), several=True),
    "aws:PrincipalOrgPaths": Key(Type.TEXT, ("o-1/r-1/ou-1/", "o-1/r-1/ou-2/"), several=True),
}
"""The keys that do not depend on the caller."""

CALLER_KEYS: Final[Mapping[str, Key]] = {
    "aws:PrincipalArn": Key(
        Type.ARN,
        (*(one.issuer_arn for one in SESSIONS), *(one.arn for one in USERS)),
    ),
    "aws:PrincipalAccount": Key(Type.TEXT, (ACCOUNT, OTHER_ACCOUNT)),
    "aws:PrincipalType": Key(Type.TEXT, ("AssumedRole", "User", "FederatedUser", "Anonymous")),
    "aws:PrincipalIsAWSService": Key(Type.FLAG, _FLAGS),
    "aws:PrincipalServiceName": Key(Type.TEXT, tuple(one.arn for one in SERVICES)),
    "aws:PrincipalServiceNamesList": Key(Type.TEXT, tuple(one.arn for one in SERVICES), several=True),
    "aws:ResourceAccount": Key(Type.TEXT, (ACCOUNT, OTHER_ACCOUNT)),
    "aws:username": Key(Type.TEXT, ("alice", "bob")),
    "aws:userid": Key(Type.TEXT, ("AROAWORKER:task-1", "AROAWORKER:alice", "AIDAALICE")),
}
"""The keys that AWS fills from the caller and the resource."""

ALL_KEYS: Final[Mapping[str, Key]] = {**KEYS, **CALLER_KEYS}
