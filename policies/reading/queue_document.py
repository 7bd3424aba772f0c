"""A document about a queue: its policy, its redrive policy, or its redrive-allow policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_policy.proxy import UnknownValueError

from access.documents import MalformedDocumentError, parse_document
from policies.reading.doubt import about
from policies.reading.values import fields
from policies.rule import Resource


@dataclass(frozen=True)
class QueueDocument:
    """A document about a queue, and where the program says it.

    Args:
        by: The queue itself, or the resource of its own.
        name: The property.
    """

    by: Resource
    name: str

    @property
    def content(self) -> Mapping[str, object]:
        """What it says; nothing, where it is not a JSON object.

        Raises:
            UnknownValueError: It is not known yet.
        """
        try:
            return fields(self.by.properties.get(self.name))
        except UnknownValueError as error:
            raise about(self.by, error) from None

    def says_what(self, other: "QueueDocument") -> bool:
        """Whether it is known to say what another one does."""
        try:
            return self.content == other.content
        except UnknownValueError:
            return False

    @property
    def sources(self) -> frozenset[str]:
        """The URNs of the resources that it is made from."""
        return self.by.sources.get(self.name, frozenset())

    @property
    def resources(self) -> set[str]:
        """What it names as Resource, if it is a policy document.

        Raises:
            UnknownValueError: It is not known yet.
        """
        try:
            return {resource for statement in parse_document(self.content) for resource in statement.resources}
        except MalformedDocumentError:
            return set()  # another rule reports it
