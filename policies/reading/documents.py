"""The policy documents that a resource carries: a queue's policy, a role's trust, the policies of identities."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache, partial
from typing import TypeAlias

from pulumi_policy.proxy import UnknownValueError

from access.documents import MalformedDocumentError, Statement, parse_document
from policies.reading.resource_types import (
    GROUP_POLICY,
    POLICY,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    USER_POLICY,
)
from policies.rule import Resource, Violations
from policies.settings import SettingsT


class Kind(Enum):
    """What a document decides."""

    QUEUE = auto()
    """Who may do what with a queue."""
    IDENTITY = auto()
    """What a role, a user or a group may do."""
    TRUST = auto()
    """Who may take a role."""


CARRIERS: Mapping[Kind, frozenset[str]] = {
    Kind.QUEUE: frozenset({QUEUE_POLICY, QUEUE}),
    Kind.IDENTITY: frozenset({POLICY, ROLE_POLICY, USER_POLICY, GROUP_POLICY, ROLE}),
    Kind.TRUST: frozenset({ROLE}),
}
"""The resource types that carry documents of each kind."""

ALL_CARRIERS = frozenset().union(*CARRIERS.values())
"""The resource types that carry documents of some kind."""


@dataclass(frozen=True)
class Document:
    """One policy document.

    Args:
        kind: What it decides.
        name: What messages call it.
        text: The document as JSON text, as written where it was written as text.
    """

    kind: Kind
    name: str
    text: str

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Its statements.

        Raises:
            MalformedDocumentError: When there are none to be read.
        """
        return _read(self.text)

    @property
    def allows(self) -> Iterator[Statement]:
        """Those that allow something."""
        return (one for one in self.statements if one.allows)

    def at(self, statement: Statement) -> str:
        """Where a message is about one statement."""
        return f"{self.name}: {statement.label}"


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[Statement, ...]:
    """The statements of a document, read once: most rules ask for the same ones."""
    try:
        return parse_document(text)
    except RecursionError:
        raise MalformedDocumentError("it is nested too deeply to be read") from None


def documents(resource: Resource, *kinds: Kind) -> Iterator[Document]:
    """The documents of these kinds that a resource carries; of all kinds, where none is named.

    Args:
        resource: The resource.
        kinds: Which documents.

    Raises:
        UnknownValueError: A document is not known yet; raised when all that are known have been given.
    """
    unknown: UnknownValueError | None = None
    for kind, name, read in _places(resource, frozenset(kinds or Kind)):
        try:
            given = read()
        except UnknownValueError as error:
            unknown = unknown or error
            continue
        if given is not None:
            yield Document(kind, name, given)
    if unknown:
        raise unknown


_Read: TypeAlias = Callable[[], str | None]


def _places(resource: Resource, kinds: frozenset[Kind]) -> Iterator[tuple[Kind, str, _Read]]:
    """Where documents of these kinds are; nothing is read of the others, so that they leave nobody in doubt."""
    for kind in (Kind.QUEUE, Kind.TRUST, Kind.IDENTITY):
        if kind in kinds and resource.type_token in CARRIERS[kind]:
            yield from ((kind, name, read) for name, read in _of_kind(resource, kind))


def _of_kind(resource: Resource, kind: Kind) -> Iterator[tuple[str, _Read]]:
    if kind is Kind.QUEUE:
        yield "the queue policy", partial(_given, resource, "policy")
    elif kind is Kind.TRUST:
        yield "the trust policy", partial(_given, resource, "assumeRolePolicy")
    elif resource.type_token == ROLE:
        yield from _inline_policies(resource)
    else:
        yield "the policy", partial(_given, resource, "policy")


def _inline_policies(role: Resource) -> Iterator[tuple[str, _Read]]:
    inline = role.given("inlinePolicies")
    for position, one in enumerate(inline if isinstance(inline, Sequence) else (), start=1):
        if isinstance(one, Mapping):
            yield f"the inline policy {_name(one) or position!r}", partial(_inline_text, one)


def _inline_text(inline: Mapping[str, object]) -> str | None:
    return _text(inline.get("policy"))


def _name(inline: Mapping[str, object]) -> object:
    try:
        return inline.get("name")
    except UnknownValueError:
        return None


def _given(resource: Resource, name: str) -> str | None:
    return _text(resource.given(name), empty_is_none=resource.type_token == QUEUE)


def _text(given: object, *, empty_is_none: bool = True) -> str | None:
    """A document as text. AWS gives an empty one back for a queue, or a role's inline policy, that is not there."""
    if given is None or (given == "" and empty_is_none):
        return None
    return given if isinstance(given, str) else json.dumps(plain(given), separators=(",", ":"), default=str)


def plain(value: object) -> object:
    """A value out of the engine's proxies. The engine has no whole numbers but as floats; they become whole again.

    Raises:
        UnknownValueError: A part of it is not known yet.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def on_documents(
    check: Callable[[Document, SettingsT], Violations], *kinds: Kind
) -> Callable[[Resource, SettingsT], Violations]:
    """A check of one document, as a check of a resource that may carry several.

    What cannot be read is left to the rule `policy-is-well-formed`, so that it is told once.
    """

    def on_resource(resource: Resource, settings: SettingsT) -> Violations:
        for document in documents(resource, *kinds):
            try:
                document.statements  # noqa: B018 - asked whether it can be read
            except MalformedDocumentError:
                continue
            yield from check(document, settings)

    on_resource.__doc__ = check.__doc__
    return on_resource
