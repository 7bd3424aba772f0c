"""What the three queue resource types share: reading a queue's attributes, and setting some of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from local.provider.clients import Session
from local.provider.errors import code_of

if TYPE_CHECKING:
    from types_boto3_sqs.literals import QueueAttributeNameType

_GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
"""The code of a queue that does not exist, by the query protocol and by the JSON protocol."""

URL_PARTS = "a queue URL has the form http://<host>/<account>/<name>"


def is_gone(error: ClientError) -> bool:
    """Tell whether an error says that the queue does not exist.

    Args:
        error: What SQS answered.

    Returns:
        True if it does.
    """
    return code_of(error) in _GONE


def name_in(url: str) -> str | None:
    """Take the queue's name from its URL.

    Args:
        url: A queue URL.

    Returns:
        The name, or None if it is no queue URL.
    """
    parts = urlsplit(url)
    path = parts.path.split("/")
    return path[2] if parts.scheme in {"http", "https"} and len(path) == 3 and all(path[1:]) else None  # noqa: PLR2004 - "", account, name


def attributes(session: Session, url: str) -> dict[str, str] | None:
    """Read all attributes of a queue.

    Args:
        session: Clients for the queue's region.
        url: The queue's URL.

    Returns:
        The attributes by SQS's names, or None if there is no such queue.
    """
    try:
        found = session.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return {str(name): value for name, value in found["Attributes"].items()}


def set_attributes(session: Session, url: str, values: Mapping[str, str]) -> None:
    """Set some attributes of a queue.

    Args:
        session: Clients for the queue's region.
        url: The queue's URL.
        values: The values by SQS's names; an empty policy removes it.
    """
    session.sqs.set_queue_attributes(
        QueueUrl=url, Attributes=cast("Mapping[QueueAttributeNameType, str]", dict(values))
    )


def remove_attribute(session: Session, url: str, name: str) -> None:
    """Remove an attribute of a queue that may be gone already.

    Args:
        session: Clients for the queue's region.
        url: The queue's URL.
        name: SQS's name of the attribute.
    """
    try:
        set_attributes(session, url, {name: ""})
    except ClientError as error:
        if not is_gone(error):
            raise
