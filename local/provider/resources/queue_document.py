"""The calls of a resource type that is one document of a queue: an attribute that somebody else's queue carries."""

from dataclasses import dataclass

from local.provider.clients import Session
from local.provider.properties import Value, Values
from local.provider.resource import Place
from local.provider.resources.queue_attributes import attributes, name_in, remove_attribute, set_attributes
from local.provider.values import known_text, text


@dataclass(frozen=True)
class QueueDocumentOperations:
    """SetQueueAttributes and GetQueueAttributes of one document.

    Args:
        property: The property that holds it.
        attribute: SQS's name of it.
    """

    property: str
    attribute: str

    def create(self, session: Session, inputs: Values) -> str:
        """Set the document; gives the queue's URL."""
        url = text(inputs, "queueUrl")
        set_attributes(session, url, {self.attribute: text(inputs, self.property)})
        return url

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the document; None if the queue is gone or has none."""
        del known
        found = attributes(session, identity) if name_in(identity) else None
        document = (found or {}).get(self.attribute)
        return {"queueUrl": identity, self.property: document} if document else None

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Set the document anew."""
        del old
        if self.property in changed:
            set_attributes(session, identity, {self.attribute: text(new, self.property)})

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Remove the document, not the queue."""
        del old
        remove_attribute(session, identity, self.attribute)

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Give the queue's URL."""
        del place
        return known_text(inputs, "queueUrl")
