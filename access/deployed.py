"""What is deployed, or about to be, as far as access goes: queues, roles, VPC endpoints and their policies.

Where it was read does not matter to whoever judges it; `access.sources` reads it.
"""

from dataclasses import dataclass

from access.policy import Policy


@dataclass(frozen=True)
class Queue:
    """A queue.

    Args:
        arn: Its ARN.
        policy: Its policy; None where it has none.
        dead_letter_arn: Where it moves what nobody could process; None for nowhere.
    """

    arn: str
    policy: Policy | None = None
    dead_letter_arn: str | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.rsplit(":", 1)[-1]


@dataclass(frozen=True)
class Identity:
    """A role or a user, with everything that says what it may do.

    Args:
        arn: Its ARN, its path included.
        policies: Its policies, attached and inline; a user's groups' too.
        boundary: The policy that bounds it; None where there is none.
        trust: Who may take the role; None for a user.
    """

    arn: str
    policies: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    trust: Policy | None = None

    @property
    def name(self) -> str:
        """Its name, without the path."""
        return self.arn.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Endpoint:
    """An interface endpoint for SQS.

    Args:
        endpoint_id: `vpce-…`; None before it is made.
        vpc_id: The VPC it lies in; None where that is not known.
        policy: What may pass through it; None lets everything pass, as AWS's default does.
    """

    endpoint_id: str | None
    vpc_id: str | None = None
    policy: Policy | None = None


@dataclass(frozen=True)
class Deployed:
    """All of it.

    Args:
        source: Where it was read, in words for the head of a report.
        queues: In the order of their names.
        roles: In the order of their names.
        endpoints: In no order.
        notes: What could not be read, and what is assumed in its place.
        users: In the order of their names.
        unread: The resources that have a say in access and were not understood, each by its type and name.
    """

    source: str
    queues: tuple[Queue, ...]
    roles: tuple[Identity, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    notes: tuple[str, ...] = ()
    users: tuple[Identity, ...] = ()
    unread: tuple[str, ...] = ()
