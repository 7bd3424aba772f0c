"""An account with a queue, and short words for policies and requests in it."""

from collections.abc import Mapping, Sequence

from access.policy import Policy, StatementName
from access.request import Principal, Request

ACCOUNT, OTHER_ACCOUNT = "123456789012", "999999999999"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/worker"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"

WORKER = Principal.role_session(ROLE, "one", role_id="AROAEXAMPLEEXAMPLE01")
ANN = Principal.user(USER, user_id="AIDAEXAMPLEEXAMPLE01")
VISITOR = Principal.federated(f"arn:aws:sts::{ACCOUNT}:federated-user/bob", user_arn=USER)
ROOT = Principal.root(ACCOUNT)
SNS = Principal.service("sns.amazonaws.com")
ANONYMOUS = Principal.anonymous()
STRANGER = Principal.role_session(f"arn:aws:iam::{OTHER_ACCOUNT}:role/stranger", "one", role_id="AROAEXAMPLEEXAMPLE02")
OTHER_ROOT = Principal.root(OTHER_ACCOUNT)
EVERYBODY = (WORKER, ANN, VISITOR, ROOT, SNS, ANONYMOUS, STRANGER, OTHER_ROOT)

Element = str | Sequence[str] | Mapping[str, object]


def policy(name: str, *statements: Mapping[str, object]) -> Policy:
    """A policy of the current version."""
    return Policy.parse(name, {"Version": "2012-10-17", "Statement": list(statements)})


def allow(sid: str = "Allow", action: Element = "sqs:SendMessage", **elements: Element) -> dict[str, object]:
    """An Allow on the queue, with the principal and whatever else is named."""
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": QUEUE, **elements}


def deny(sid: str = "Deny", action: Element = "sqs:SendMessage", **elements: Element) -> dict[str, object]:
    """A Deny on the queue, with the principal and whatever else is named."""
    return {**allow(sid, action, **elements), "Effect": "Deny"}


def asks(
    principal: Principal,
    action: str = "sqs:SendMessage",
    *,
    resource: str = QUEUE,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> Request:
    """A request in the account, on the queue unless another resource is named."""
    return Request(principal, action, resource, ACCOUNT, context or {})


def queue_policy(*statements: Mapping[str, object]) -> tuple[Policy, ...]:
    """The queue's policy, alone in its place."""
    return (policy("queue policy", *statements),)


def own_policy(*statements: Mapping[str, object]) -> tuple[Policy, ...]:
    """The caller's own policy, alone in its place."""
    return (policy("own policy", *statements),)


EVERYTHING = own_policy({"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"})
NOTHING = own_policy(deny("Elsewhere", Resource=f"{QUEUE}-of-others"))


def named(*names: str) -> tuple[StatementName, ...]:
    """`queue policy/Allow` as the name of a statement."""
    return tuple(StatementName(*name.split("/")) for name in names)
