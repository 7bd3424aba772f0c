"""A resource as a test declares it, and what the engine would make of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

UNKNOWN = UNKNOWN_STRING_VALUE
"""Stands, anywhere in a resource's properties, for a value that is not known before the update."""


def secret(value: object) -> dict[str, object]:
    """A value that the program marks as secret, as the engine sends it."""
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}


@dataclass(frozen=True)
class Declared:
    """One resource of a program.

    Args:
        type_token: Its Pulumi type, such as `aws:sqs/queue:Queue`.
        name: Its name in the program.
        properties: What the program gives, by the names that the provider's schema has (`visibilityTimeoutSeconds`).
        outputs: What the provider adds to them, which rules on the whole stack see; `UNKNOWN` where only the update
            tells.
        sources: By property, the names of the declared resources whose outputs it is made from.
        protect: Whether the program protects it from being deleted.
    """

    type_token: str
    name: str
    properties: Mapping[str, object]
    outputs: Mapping[str, object] = field(default_factory=dict)
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    protect: bool = False

    def urn(self, stack: str, project: str) -> str:
        """Its URN in a stack of a project, without a parent."""
        return f"urn:pulumi:{stack}::{project}::{self.type_token}::{self.name}"
