"""The policies that bear on a request, by the part they play."""

from dataclasses import dataclass
from typing import Self

from access.documents import Statement, parse_document


@dataclass(frozen=True)
class Policy:
    """One policy.

    Args:
        name: What to call it when it decides, such as `queue policy`.
        statements: What it says.
    """

    name: str
    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, name: str, document: object) -> Self:
        """Reads a policy from its document, JSON text or a map.

        Raises:
            MalformedDocumentError: When it is no policy document.
        """
        return cls(name, parse_document(document))


@dataclass(frozen=True)
class PolicySet:
    """All policies that bear on a request.

    Args:
        resource: Attached to the resource.
        identity: Attached to the principal and its groups.
        boundaries: The principal's permissions boundary; None when it has none.
        sessions: What the session was limited to when it was taken; None when it was not. A federated user has then
            only what is granted to it directly.
        bounds: Further bounds, each of which must allow the request too: an endpoint policy, the service control
            policies of one level, the resource control policies of one level.
    """

    resource: tuple[Policy, ...] = ()
    identity: tuple[Policy, ...] = ()
    boundaries: tuple[Policy, ...] | None = None
    sessions: tuple[Policy, ...] | None = None
    bounds: tuple[tuple[Policy, ...], ...] = ()


@dataclass(frozen=True, order=True)
class StatementName:
    """Which statement of which policy.

    Args:
        policy: The policy's name.
        label: The statement's Sid or position.
    """

    policy: str
    label: str

    def __str__(self) -> str:
        return f"{self.label} ({self.policy})"
