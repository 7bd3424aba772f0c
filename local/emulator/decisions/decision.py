"""What was decided about one action on one resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of it."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"

    @property
    def effect(self) -> str | None:
        """The effect of the statements that decide so; None where it is for want of an Allow."""
        return {Verdict.ALLOWED: "Allow", Verdict.EXPLICIT_DENY: "Deny"}.get(self)


class Kind(StrEnum):
    """Where a policy is attached."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    TRUST = "trust"


@dataclass(frozen=True)
class Decider:
    """A statement that matched the request and decided.

    Args:
        policy: Its policy: a managed policy's ARN, an inline policy's name, or the ARN of the resource whose own it is.
        kind: Where that is attached.
        sid: Its Sid, or `statement <position>` where it has none.
        effect: `Allow` or `Deny`.
    """

    policy: str
    kind: Kind
    sid: str
    effect: str


@dataclass(frozen=True)
class Decision:
    """One decision.

    Args:
        service: The service's name in its event source, such as `sqs`.
        action: The IAM action, such as `sqs:SendMessage`.
        resource: The resource's ARN, or `*`.
        region: The region.
        caller: Whose request it was: CloudTrail's userIdentity.
        verdict: What became of it.
        by: All statements that allowed it, or all that denied it; none where nothing matched, and for a root user.
    """

    service: str
    action: str
    resource: str
    region: str
    caller: Mapping[str, object]
    verdict: Verdict
    by: tuple[Decider, ...] = ()
