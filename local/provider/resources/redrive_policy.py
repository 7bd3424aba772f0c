"""aws:sqs/redrivePolicy:RedrivePolicy. Its id is the queue's URL; deleting it removes the policy, not the queue.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/sqs/redrivepolicy/ and, for what a document may say,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html.
"""

import re

from local.provider.documents import MalformedDocument, parse, same_json
from local.provider.properties import Value
from local.provider.resource import REGION, Kind, Property, ResourceType
from local.provider.resources.queue_attributes import URL_PARTS
from local.provider.resources.queue_document import QueueDocumentOperations
from local.provider.rules import json_object

_MOST_RECEIVES = 1000


def max_receive_count(value: Value) -> str | None:
    """Check what AWS demands of a redrive policy: a whole number from 1 to 1,000, as a number or as text.

    Args:
        value: The redrive policy.

    Returns:
        Why it is refused, or None.
    """
    try:
        document = parse(value) if isinstance(value, str) and value else {}
    except MalformedDocument:
        return None  # told by the other rule
    count = document.get("maxReceiveCount") if isinstance(document, dict) else None
    if count is None or (isinstance(count, str) and re.fullmatch(r"\d+", count) and 1 <= int(count) <= _MOST_RECEIVES):
        return None
    if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= _MOST_RECEIVES:
        return None
    return f"maxReceiveCount is {count!r}; allowed are whole numbers from 1 to {_MOST_RECEIVES}"


REDRIVE_POLICY = ResourceType(
    token="aws:sqs/redrivePolicy:RedrivePolicy",  # noqa: S106 - a type token is no secret
    doc=f"Where an SQS queue's failed messages go. Imported by the queue's URL; {URL_PARTS}.",
    properties={
        "queueUrl": Property(kind=Kind.TEXT, doc="URL of the queue.", required=True, replaces=True),
        "redrivePolicy": Property(
            kind=Kind.DOCUMENT,
            doc="The policy: deadLetterTargetArn and maxReceiveCount.",
            required=True,
            rules=(json_object, max_receive_count),
            same=same_json,
        ),
        "region": REGION,
    },
    operations=QueueDocumentOperations("redrivePolicy", "RedrivePolicy"),
)
