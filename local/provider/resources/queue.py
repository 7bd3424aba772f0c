"""aws:sqs/queue:Queue. Its id is the queue's URL.

Facts: https://www.pulumi.com/registry/packages/aws/api-docs/sqs/queue/ and the schema of hashicorp/aws's aws_sqs_queue.
AWS's own default of maxMessageSize is 1,048,576 bytes since August 2025; the official provider still sends 262,144.
"""

import re

from botocore.exceptions import ClientError

from local.provider import tags
from local.provider.clients import Session
from local.provider.documents import same_json, same_policy
from local.provider.naming import Naming
from local.provider.properties import Value, Values
from local.provider.resource import REGION, TAGS, TAGS_ALL, Failure, Kind, Place, Property, ResourceType
from local.provider.resources.queue_attributes import (
    URL_PARTS,
    attributes,
    is_gone,
    name_in,
    set_attributes,
)
from local.provider.resources.redrive_policy import max_receive_count
from local.provider.rules import between, json_object, one_of
from local.provider.values import flag, known_text, text, text_map, whole

_DATA_KEY_REUSE = 300
_FIFO = ".fifo"


def _empty_or_json(value: Value) -> str | None:
    return None if value == "" else json_object(value)


def _encrypts_without_kms(inputs: Values) -> bool:
    """Whether the data key's period means nothing: SQS reports it for queues with a KMS key only."""
    return not inputs.get("kmsMasterKeyId")


PROPERTIES = {
    "arn": Property(kind=Kind.TEXT, doc="ARN of the queue.", output=True),
    "contentBasedDeduplication": Property(kind=Kind.FLAG, doc="Deduplicate by content; FIFO only.", default=False),
    "deduplicationScope": Property(
        kind=Kind.TEXT, doc="Where FIFO deduplication works.", computed=True, rules=(one_of(("messageGroup", "queue")),)
    ),
    "delaySeconds": Property(
        kind=Kind.WHOLE, doc="Delay of every message in seconds.", default=0, rules=(between(0, 900, "seconds"),)
    ),
    "fifoQueue": Property(kind=Kind.FLAG, doc="Whether it is a FIFO queue.", default=False, replaces=True),
    "fifoThroughputLimit": Property(
        kind=Kind.TEXT,
        doc="What the FIFO throughput quota counts.",
        computed=True,
        rules=(one_of(("perQueue", "perMessageGroupId")),),
    ),
    "kmsDataKeyReusePeriodSeconds": Property(
        kind=Kind.WHOLE,
        doc=f"Seconds for which a KMS data key is reused; {_DATA_KEY_REUSE} if AWS reports none.",
        computed=True,
        rules=(between(60, 86_400, "seconds"),),
        idle=_encrypts_without_kms,
    ),
    "kmsMasterKeyId": Property(kind=Kind.TEXT, doc="KMS key for encryption.", conflicts=("sqsManagedSseEnabled",)),
    "maxMessageSize": Property(
        kind=Kind.WHOLE,
        doc="Bytes that a message may have.",
        default=262_144,
        rules=(between(1_024, 1_048_576, "bytes"),),
    ),
    "messageRetentionSeconds": Property(
        kind=Kind.WHOLE,
        doc="Seconds for which a message is kept.",
        default=345_600,
        rules=(between(60, 1_209_600, "seconds (1 minute to 14 days)"),),
    ),
    "name": Property(kind=Kind.TEXT, doc="Name of the queue.", computed=True, replaces=True, conflicts=("namePrefix",)),
    "namePrefix": Property(
        kind=Kind.TEXT, doc="What the name begins with.", remembered=True, replaces=True, conflicts=("name",)
    ),
    "policy": Property(
        kind=Kind.DOCUMENT, doc="Queue policy.", computed=True, rules=(_empty_or_json,), same=same_policy
    ),
    "receiveWaitTimeSeconds": Property(
        kind=Kind.WHOLE, doc="Seconds of long polling.", default=0, rules=(between(0, 20, "seconds"),)
    ),
    "redriveAllowPolicy": Property(
        kind=Kind.DOCUMENT,
        doc="Which queues may use it as DLQ.",
        computed=True,
        rules=(_empty_or_json,),
        same=same_json,
    ),
    "redrivePolicy": Property(
        kind=Kind.DOCUMENT,
        doc="Dead-letter queue, and receives before it.",
        computed=True,
        rules=(_empty_or_json, max_receive_count),
        same=same_json,
    ),
    "region": REGION,
    "sqsManagedSseEnabled": Property(
        kind=Kind.FLAG, doc="Encryption with SQS's own keys.", computed=True, conflicts=("kmsMasterKeyId",)
    ),
    "tags": TAGS,
    "tagsAll": TAGS_ALL,
    "url": Property(kind=Kind.TEXT, doc="URL of the queue, which is also its id.", output=True),
    "visibilityTimeoutSeconds": Property(
        kind=Kind.WHOLE,
        doc="Seconds for which a received message is hidden.",
        default=30,
        rules=(between(0, 43_200, "seconds (12 hours)"),),
    ),
}

_ATTRIBUTES = {
    "arn": "QueueArn",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_FIFO_ONLY = frozenset({"contentBasedDeduplication", "deduplicationScope", "fifoQueue", "fifoThroughputLimit"})


class QueueOperations:
    """The calls of a queue: CreateQueue, Get- and SetQueueAttributes, ListQueueTags, (Un)TagQueue, DeleteQueue."""

    def create(self, session: Session, inputs: Values) -> str:
        """Create the queue with attributes and tags in one call; gives its URL."""
        name = text(inputs, "name") or NAMING.prefixed(text(inputs, "namePrefix"), inputs)
        given = {name: value for name, value in _written(inputs, frozenset(_ATTRIBUTES)).items() if value != ""}
        made = session.sqs.create_queue(
            QueueName=name,
            Attributes=given,  # type: ignore[arg-type]  # the names come from a table, not from literals
            tags=text_map(inputs, "tagsAll"),
        )
        return made["QueueUrl"]

    def read(self, session: Session, identity: str, known: Values) -> dict[str, Value] | None:
        """Read attributes and tags; None if the queue is gone or the id is no queue URL."""
        del known
        name = name_in(identity)
        found = attributes(session, identity) if name else None
        if found is None:
            return None
        try:
            queue_tags = session.sqs.list_queue_tags(QueueUrl=identity).get("Tags", {})
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        read = {
            ours: _value(PROPERTIES[ours].kind, found[theirs])
            for ours, theirs in _ATTRIBUTES.items()
            if found.get(theirs)
        }
        reported: dict[str, Value] = {
            "kmsDataKeyReusePeriodSeconds": _DATA_KEY_REUSE,
            "sqsManagedSseEnabled": False,
            "contentBasedDeduplication": False,
            "fifoQueue": False,
            "name": name,
            "url": identity,
            "tagsAll": {**queue_tags},
        }
        return {**reported, **read}

    def update(self, session: Session, identity: str, old: Values, new: Values, changed: frozenset[str]) -> None:
        """Set the attributes that differ in one call, then the tags."""
        written = _written(new, changed)
        if written:
            set_attributes(session, identity, written)
        if "tagsAll" in changed:
            added, removed = tags.change(text_map(old, "tagsAll"), text_map(new, "tagsAll"))
            if removed:
                session.sqs.untag_queue(QueueUrl=identity, TagKeys=removed)
            if added:
                session.sqs.tag_queue(QueueUrl=identity, Tags=added)

    def delete(self, session: Session, identity: str, old: Values) -> None:
        """Delete the queue."""
        del old
        try:
            session.sqs.delete_queue(QueueUrl=identity)
        except ClientError as error:
            if not is_gone(error):
                raise

    def identity(self, inputs: Values, place: Place) -> str | None:
        """Build the URL from the name."""
        name = known_text(inputs, "name")
        return f"{place.endpoint}/{place.account_id}/{name}" if name else None


def _written(inputs: Values, names: frozenset[str]) -> dict[str, str]:
    """Write properties as SQS takes them; what only FIFO queues have is not sent for others: SQS would refuse it."""
    fifo = flag(inputs, "fifoQueue")
    written: dict[str, str] = {}
    for name, theirs in _ATTRIBUTES.items():
        if name not in names or PROPERTIES[name].output or (name in _FIFO_ONLY and not fifo):
            continue
        match PROPERTIES[name].kind:
            case Kind.WHOLE if name in inputs:
                written[theirs] = str(whole(inputs, name))
            case Kind.FLAG if name in inputs:
                written[theirs] = str(flag(inputs, name)).lower()
            case Kind.TEXT | Kind.DOCUMENT:
                written[theirs] = text(inputs, name)
            case _:
                continue
    return written


def _value(kind: Kind, written: str) -> Value:
    match kind:
        case Kind.WHOLE:
            return int(written)
        case Kind.FLAG:
            return written == "true"
        case _:
            return written


def _check(inputs: Values) -> list[Failure]:
    failures = []
    fifo, name = flag(inputs, "fifoQueue") if isinstance(inputs.get("fifoQueue"), bool) else False, inputs.get("name")
    allowed = r"[0-9A-Za-z_-]{1,75}\.fifo" if fifo else r"[0-9A-Za-z_-]{1,80}"
    if isinstance(name, str) and not re.fullmatch(allowed, name):
        words = "up to 75 and the suffix .fifo" if fifo else "up to 80, and .fifo is for FIFO queues (fifoQueue)"
        failures.append(Failure("name", f"{name!r} is not allowed; allowed are letters, digits, _ and -, {words}"))
    if not fifo and inputs.get("contentBasedDeduplication") is True:
        failures.append(
            Failure("contentBasedDeduplication", "it is for FIFO queues only; set fifoQueue or leave it out")
        )
    return failures


def _suffix(inputs: Values) -> str:
    return _FIFO if inputs.get("fifoQueue") is True else ""


NAMING = Naming(longest=80, suffix=_suffix)

QUEUE = ResourceType(
    token="aws:sqs/queue:Queue",  # noqa: S106 - a type token is no secret
    doc=f"An SQS queue. Imported by its URL; {URL_PARTS}.",
    properties=PROPERTIES,
    operations=QueueOperations(),
    naming=NAMING,
    check=_check,
)
