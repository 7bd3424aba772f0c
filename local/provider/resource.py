"""What a resource type has to say of itself: its properties, declared once, and its calls to AWS.

Checking, previewing, comparing, refreshing, importing and the schema are all derived from the declaration, so that a
resource type's file holds only what is particular to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from local.provider.clients import Session
from local.provider.naming import Naming
from local.provider.properties import Value, Values
from local.provider.rules import Rule


class Kind(Enum):
    """The kinds of property values that the served resource types have."""

    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    TEXTS = "array"
    """A list of strings whose order says nothing."""
    TEXT_MAP = "object"
    DOCUMENT = "document"
    """JSON as text; a program may also give it as an object."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a resource type.

    Args:
        kind: What it holds.
        doc: What it means, units and defaults included; goes into the schema.
        required: A program must give it.
        output: AWS makes it; a program cannot give it.
        computed: A program may give it; if it does not, AWS decides, and what AWS decided is no drift.
        default: What an absent one means, by the official provider.
        replaces: Changing it makes a new resource (the official provider's ForceNew).
        remembered: AWS knows nothing of it, so it is carried from state to state.
        rules: What a known value must fulfil before AWS is asked.
        conflicts: Properties that cannot be given beside it.
        same: When two documents say the same; None compares values.
        idle: Tells from a resource's inputs that the property has no effect, so that no difference in it counts.
    """

    kind: Kind
    doc: str
    required: bool = False
    output: bool = False
    computed: bool = False
    default: bool | int | float | str | None = None
    replaces: bool = False
    remembered: bool = False
    rules: tuple[Rule, ...] = ()
    conflicts: tuple[str, ...] = ()
    same: Callable[[str, str], bool] | None = None
    idle: Callable[[Values], bool] | None = None


class Failure(NamedTuple):
    """Why a resource's inputs are refused.

    Args:
        property: The property at fault, or an empty string when it is the whole.
        reason: What is wrong with it, and what would be right.
    """

    property: str
    reason: str


class Place(NamedTuple):
    """Where a resource would be, for telling its identity before it exists.

    Args:
        account_id: The 12 digits of the account.
        region: The region's name.
        endpoint: The endpoint that queue URLs carry, as `http://127.0.0.1:4590`.
    """

    account_id: str
    region: str
    endpoint: str


class Operations(Protocol):
    """A resource type's calls to AWS. Any botocore error may come out of them; the server puts it into words."""

    def create(self, session: Session, inputs: Values) -> str:
        """Make the resource with one creating call, so that a failure leaves nothing behind.

        Args:
            session: Clients for the resource's region.
            inputs: Checked inputs, all known.

        Returns:
            The id under which the engine keeps the resource, also its import id.
        """

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the resource.

        Args:
            session: Clients for the resource's region.
            identity: The resource's id.
            known: What is known of it so far: inputs over outputs; empty at an import.

        Returns:
            The properties as AWS reports them, `tagsAll` among them where the type takes tags; None if there is no
            such resource.
        """

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Change the resource in place. Every call must bear repetition: a failed update is done again as a whole.

        Args:
            session: Clients for the resource's region.
            identity: The resource's id.
            old: Its outputs so far.
            new: Checked inputs, all known, with the defaults of absent ones filled in.
            changed: Names of the properties that differ.
        """

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Delete the resource; one that is gone already counts as deleted.

        Args:
            session: Clients for the resource's region.
            identity: The resource's id.
            old: Its outputs so far.
        """

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Tell which id a resource of these inputs would have.

        Args:
            inputs: Its inputs, checked or not.
            place: Where it would be.

        Returns:
            The id, or None when the inputs do not tell.
        """


def no_further_check(_inputs: Values) -> list[Failure]:
    """Find nothing: the check of a resource type whose properties do not depend on one another.

    Returns:
        An empty list.
    """
    return []


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One resource type.

    Args:
        token: Its Pulumi type token.
        doc: What it is; goes into the schema.
        properties: Its properties by their Pulumi names.
        operations: Its calls to AWS.
        naming: How it is named when the program gives no name; None if it has no name of its own.
        delete_before_replace: A replacement cannot exist beside the old one, whatever its name.
        unserved: Inputs that the official provider takes and this one does not, with the reason.
        check: Checks that concern several properties at once; they see known and unknown values alike.
    """

    token: str
    doc: str
    properties: Mapping[str, Property]
    operations: Operations
    naming: Naming | None = None
    delete_before_replace: bool = False
    unserved: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Values], list[Failure]] = no_further_check

    @property
    def regional(self) -> bool:
        """Whether it lives in a region, as all but IAM's do."""
        return "region" in self.properties

    @property
    def tagged(self) -> bool:
        """Whether it takes tags."""
        return "tagsAll" in self.properties


REGION = Property(
    kind=Kind.TEXT,
    doc="Region where the resource is managed; defaults to the provider's.",
    computed=True,
    replaces=True,
)
TAGS = Property(kind=Kind.TEXT_MAP, doc="Tags of the resource; they win over the provider's default tags.")
TAGS_ALL = Property(
    kind=Kind.TEXT_MAP, doc="All tags of the resource, those from the provider's `defaultTags` included.", computed=True
)
