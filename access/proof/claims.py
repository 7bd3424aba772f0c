"""A claim about all requests, as the questions whose answer would break it; and the words that claims are made of.

Whose own policies are not known is taken to be allowed everything by them, as an administrator is. Nothing else that
IAM weighs can add to that: boundaries, endpoint policies and an organization's policies only take away, and a session
policy gives a federated user no more than everything. So what is proven of such a caller holds for everybody, whatever
is attached to them.
"""

from dataclasses import dataclass
from typing import Final

from access.deployed import Identity
from access.matrix.actions import MESSAGE_ACTIONS, QUEUE_ACTIONS
from access.meaning import templates
from access.meaning.formula import Formula, Not, Some, every, is_one_of, is_text
from access.policy import Policy, PolicySet
from access.proof.protected import Protected


@dataclass(frozen=True)
class Sought:
    """A request that would break a claim, perhaps together with another.

    Args:
        policies: What bears on it.
        facts: What is true of it.
        allowed: Whether the policies allow it.
    """

    policies: PolicySet
    facts: Formula
    allowed: bool = True


@dataclass(frozen=True)
class Claim:
    """Something that must be so.

    Args:
        name: What to call it.
        sentence: What must be so, in words.
        questions: Each asks for a request, or for several of one caller. When there are such, the claim is false.
        lacks: What there must be for the claim to be about anything, and is not; the claim is false then. Empty where
            nothing is lacking.
    """

    name: str
    sentence: str
    questions: tuple[tuple[Sought, ...], ...]
    lacks: str = ""


SEND: Final = ("SendMessage",)
CONSUME: Final = tuple(action for action in MESSAGE_ACTIONS if action not in SEND)
LOOK_UP: Final = ("GetQueueAttributes", "GetQueueUrl")
CHANGE_POLICY: Final = ("AddPermission", "RemovePermission", "SetQueueAttributes")

OVER_TLS: Final = is_text("aws:securetransport", "true")
FORWARDED: Final = is_text("aws:viaawsservice", "true")

ASSUMED: Final = "assumed policy"
_EVERYTHING: Final = Policy.parse(
    ASSUMED, {"Statement": {"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}}
)


def does(*actions: str) -> Formula:
    """The request is for one of these actions of SQS."""
    return is_one_of("action", (f"sqs:{action.lower()}" for action in actions))


def is_caller(*arns: str) -> Formula:
    """The caller is one of these roles or users."""
    return is_one_of("aws:principalarn", arns)


def on(queue_arn: str) -> Formula:
    """The request is for one of the actions that SQS has on a queue, on this one."""
    return every(is_text("resource", queue_arn), does(*QUEUE_ACTIONS))


def is_of(service: str) -> Formula:
    """The request is for an action of this service, one that it will have some day included, on whatever resource."""
    its_actions = Some("action", templates.action(f"{service}:*"))
    return every(its_actions, Not(is_text("action", f"{service}:")), Not(is_text("resource", "")))


def anybody(queue_policy: Policy) -> PolicySet:
    """What bears on a request of somebody of whom nothing is known.

    A federated user has its permissions by its session's policy, and none without one (STS API reference,
    "GetFederationToken"): so that is taken to allow everything too. All others can do as much as without one.
    """
    return PolicySet(resource=(queue_policy,), identity=(_EVERYTHING,), sessions=(_EVERYTHING,))


def somebody_does(protected: Protected, facts: Formula) -> tuple[tuple[Sought, ...], ...]:
    """Anybody does such a thing to one of the queues."""
    return tuple((somebody_does_to(protected, arn, facts),) for arn, _ in protected.queues)


def somebody_does_to(protected: Protected, queue_arn: str, facts: Formula) -> Sought:
    """Anybody does such a thing to this one of the queues."""
    return Sought(anybody(protected.policy_of(queue_arn)), every(on(queue_arn), facts))


def role_does(protected: Protected, role: Identity, facts: Formula) -> tuple[tuple[Sought, ...], ...]:
    """One of the two roles, under the policies it has, does such a thing to one of the queues."""
    return tuple(
        (Sought(its_own(role, policy), every(on(queue_arn), is_caller(role.arn), facts)),)
        for queue_arn, policy in protected.queues
    )


def its_own(role: Identity, *resource: Policy) -> PolicySet:
    """What bears on a request of one of the two roles: the policies it has, its boundary among them."""
    return PolicySet(resource, role.policies, (role.boundary,) if role.boundary else None)
