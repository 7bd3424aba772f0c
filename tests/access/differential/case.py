"""One question for every evaluator: who asks for what, from where, and which policies there are."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self, TypeAlias

Statement: TypeAlias = Mapping[str, object]
"""A statement as JSON, in IAM's spelling."""
Document: TypeAlias = Mapping[str, Sequence[Statement] | str]
"""A policy document as JSON. Its Statement is always a list here."""


class Answer(StrEnum):
    """What an evaluator says."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"


class Kind(StrEnum):
    """What a caller is."""

    ROLE_SESSION = "role session"
    USER = "user"
    FEDERATED = "federated user"
    ROOT = "root user"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


class Part(StrEnum):
    """Which part a policy plays.

    A resource control policy comes on top of RCPFullAWSAccess, which is always there.
    """

    RESOURCE = "resource policy"
    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    ENDPOINT = "endpoint policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Args:
        kind: What it is.
        arn: The session's, user's or root user's ARN; a service's name; empty for an anonymous caller.
        account: The account, 12 digits; empty for services and anonymous callers.
        issuer_arn: For whom the caller acts: a session's role, path included, or a federated user's user.
    """

    kind: Kind
    arn: str = ""
    account: str = ""
    issuer_arn: str = ""

    @property
    def name(self) -> str:
        """The session's or user's own name."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def has_policies(self) -> bool:
        """Whether policies can be attached to it; only a resource's policy can allow the others anything."""
        return self.kind not in {Kind.SERVICE, Kind.ANONYMOUS}

    @property
    def has_session(self) -> bool:
        """Whether it can be limited by a session's policy."""
        return self.kind in {Kind.ROLE_SESSION, Kind.FEDERATED}

    def __str__(self) -> str:
        """Its kind, its ARN or name, and for whom it acts."""
        return " ".join(filter(None, (self.kind, self.arn, self.issuer_arn and f"of {self.issuer_arn}")))


@dataclass(frozen=True)
class Case:
    """A request and all policies that bear on it.

    Args:
        label: Which one it is, to be found again.
        caller: Who asks.
        action: For what, such as `sqs:SendMessage`.
        resource: On what.
        account: Whose the resource is.
        context: The request's condition keys as AWS spells them, those about the caller included.
        policies: The documents by the part that they play. A part that is missing does not limit anything.
    """

    label: str
    caller: Caller
    action: str
    resource: str
    account: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    policies: Mapping[Part, tuple[Document, ...]] = field(default_factory=dict)

    @property
    def crosses_accounts(self) -> bool:
        """Whether the caller is of another account than the resource."""
        return self.caller.account != self.account

    def holds(self, key: str) -> tuple[str, ...]:
        """The values of a condition key, however it is spelled; none when it is absent."""
        return next((values for name, values in self.context.items() if name.lower() == key.lower()), ())

    def documents(self, part: Part) -> tuple[Document, ...]:
        """The policies that play this part."""
        return self.policies.get(part, ())

    def statements(self) -> Iterator[tuple[Part, Statement]]:
        """Every statement, with the part that its policy plays."""
        for part, documents in self.policies.items():
            for one in documents:
                for statement in statements(one):
                    yield part, statement

    def with_documents(self, part: Part, *documents: Document) -> Self:
        """The same with these policies in this part."""
        return replace(self, policies={**self.policies, part: documents})

    def without(self, *parts: Part) -> Self:
        """The same with no policies in these parts."""
        return replace(self, policies={part: of for part, of in self.policies.items() if part not in parts})

    def rewritten(self, change: Callable[[Part, Statement], Statement]) -> Self:
        """The same with every statement changed."""
        changed = {
            part: tuple(document(*(change(part, statement) for statement in statements(one))) for one in documents)
            for part, documents in self.policies.items()
        }
        return replace(self, policies=changed)

    def __str__(self) -> str:
        """The whole case, to be read by somebody who must decide what AWS would say."""
        keys = [f"    {key}: {', '.join(values)}" for key, values in sorted(self.context.items())]
        policies = [
            "\n".join([f"  {part}:", *(f"    {json.dumps(statement)}" for statement in statements(one))])
            for part, documents in self.policies.items()
            for one in documents
        ]
        return "\n".join(
            [
                f"case {self.label}",
                f"  {self.caller}",
                f"  asks for {self.action} on {self.resource} of account {self.account}",
                *(["  with", *keys] if keys else ["  with no condition keys"]),
                *policies,
            ]
        )


def statements(policy: Document) -> Sequence[Statement]:
    """The statements of a document."""
    found = policy["Statement"]
    if isinstance(found, str):
        raise TypeError(f"no list of statements: {found!r}")
    return found


def document(*of: Statement) -> Document:
    """A document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(of)}


def listed(value: object) -> list[str]:
    """What IAM lets be one value or a list of them, as a list; of nothing, an empty one."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
