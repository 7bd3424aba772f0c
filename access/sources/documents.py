"""Documents from text as it is found, with an error that says whose it is."""

import json

from access.documents import MalformedDocumentError
from access.policy import Policy
from access.sources.errors import SourceError


def policy(name: str, document: object) -> Policy:
    """A policy with its statements.

    Args:
        name: What reports call it.
        document: JSON text or a map.

    Raises:
        SourceError: When it is no policy document.
    """
    try:
        return Policy.parse(name, document)
    except MalformedDocumentError as error:
        raise SourceError(f"the policy {name} cannot be read: {error}") from None


def redrive_target(document: str, owner: str) -> str:
    """The ARN of the dead-letter queue that a redrive policy names.

    Args:
        document: The redrive policy, JSON text.
        owner: Whose it is, for messages.

    Raises:
        SourceError: When it names none.
    """
    try:
        return str(json.loads(document)["deadLetterTargetArn"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SourceError(f"the redrive policy of {owner} names no deadLetterTargetArn: {document}") from None


ALL_OF_SQS = policy(
    "assumed", {"Statement": {"Sid": "EverythingOnSqs", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}
)
"""What stands for a policy that cannot be read: the worst that it could say of a queue."""
