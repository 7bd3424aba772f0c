"""aws:sqs/queuePolicy:QueuePolicy. Its id is the queue's URL; deleting it removes the policy, not the queue.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/sqs/queuepolicy/.
"""

from local.provider.documents import same_policy
from local.provider.resource import REGION, Kind, Property, ResourceType
from local.provider.resources.queue_attributes import URL_PARTS
from local.provider.resources.queue_document import QueueDocumentOperations
from local.provider.rules import json_object

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
    operations=QueueDocumentOperations("policy", "Policy"),
)
