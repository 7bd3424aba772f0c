"""aws:sqs/queuePolicy:QueuePolicy. Its id is the queue's URL; deleting it removes the policy, not the queue.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/sqs/queuepolicy/.
"""

from local.provider.clients import Session
from local.provider.documents import same_policy
from local.provider.properties import Value, Values
from local.provider.resource import REGION, Kind, Place, Property, ResourceType
from local.provider.resources.queue_attributes import URL_PARTS, attributes, name_in, remove_attribute, set_attributes
from local.provider.rules import json_object
from local.provider.values import known_text, text


class QueuePolicyOperations:
    """The calls of a queue policy: SetQueueAttributes and GetQueueAttributes."""

    def create(self, session: Session, inputs: Values) -> str:
        """Set the queue's policy; gives the queue's URL."""
        set_attributes(session, text(inputs, "queueUrl"), {"Policy": text(inputs, "policy")})
        return text(inputs, "queueUrl")

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read the queue's policy; None if the queue is gone or has none."""
        del known
        found = attributes(session, identity) if name_in(identity) else None
        policy = (found or {}).get("Policy")
        return {"queueUrl": identity, "policy": policy} if policy else None

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Set the policy anew."""
        del old
        if "policy" in changed:
            set_attributes(session, identity, {"Policy": text(new, "policy")})

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Remove the policy."""
        del old
        remove_attribute(session, identity, "Policy")

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Give the queue's URL."""
        del place
        return known_text(inputs, "queueUrl")


QUEUE_POLICY = ResourceType(
    token="aws:sqs/queuePolicy:QueuePolicy",  # noqa: S106 - a type token is no secret
    doc=f"The policy of an SQS queue. Imported by the queue's URL; {URL_PARTS}.",
    properties={
        "policy": Property(
            kind=Kind.DOCUMENT, doc="The policy.", required=True, rules=(json_object,), same=same_policy
        ),
        "queueUrl": Property(kind=Kind.TEXT, doc="URL of the queue.", required=True, replaces=True),
        "region": REGION,
    },
    operations=QueuePolicyOperations(),
)
