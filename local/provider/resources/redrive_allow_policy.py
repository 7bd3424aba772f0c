"""aws:sqs/redriveAllowPolicy:RedriveAllowPolicy. Its id is the queue's URL; deleting it removes the policy only.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/sqs/redriveallowpolicy/ and, for what a document may say,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html.
"""

from local.provider.documents import MalformedDocument, parse, same_json
from local.provider.properties import Value
from local.provider.resource import REGION, Kind, Property, ResourceType
from local.provider.resources.queue_attributes import URL_PARTS
from local.provider.resources.queue_document import QueueDocumentOperations
from local.provider.rules import json_object

_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
_MOST_SOURCES = 10


def _permission(value: Value) -> str | None:
    """Check what AWS demands of the document."""
    try:
        document = parse(value) if isinstance(value, str) else None
    except MalformedDocument:
        return None  # told by the other rule
    if not isinstance(document, dict):
        return None
    permission, sources = document.get("redrivePermission", "allowAll"), document.get("sourceQueueArns")
    if permission not in _PERMISSIONS:
        return f"redrivePermission is {permission!r}; allowed are {', '.join(_PERMISSIONS)}"
    count = len(sources) if isinstance(sources, list) else 0
    if permission == "byQueue" and not 1 <= count <= _MOST_SOURCES:
        return f"byQueue names {count} sourceQueueArns; allowed are 1 to {_MOST_SOURCES} (a list of queue ARNs)"
    if permission != "byQueue" and sources:
        return f"sourceQueueArns goes with redrivePermission byQueue only, and it is {permission}"
    return None


REDRIVE_ALLOW_POLICY = ResourceType(
    token="aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",  # noqa: S106 - a type token is no secret
    doc=f"Which queues may use an SQS queue as their DLQ. Imported by the queue's URL; {URL_PARTS}.",
    properties={
        "queueUrl": Property(kind=Kind.TEXT, doc="URL of the dead-letter queue.", required=True, replaces=True),
        "redriveAllowPolicy": Property(
            kind=Kind.DOCUMENT,
            doc="The policy: redrivePermission and, for byQueue, sourceQueueArns.",
            required=True,
            rules=(json_object, _permission),
            same=same_json,
        ),
        "region": REGION,
    },
    operations=QueueDocumentOperations("redriveAllowPolicy", "RedriveAllowPolicy"),
)
