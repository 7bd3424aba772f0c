"""Dead letters as JSON lines in a file: whole, since that is what an export is for."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.dlq.letter import DeadLetter
from app.dlq.records import Explanation
from app.errors import UserMistakeError

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef

_FOR_ITS_OWNER_ALONE = 0o600


def as_record(letter: DeadLetter, explanation: Explanation) -> dict[str, object]:
    """A letter with its body, as JSON can hold it; bytes in attributes as Base64."""
    return {
        "message_id": letter.message_id,
        "body": letter.body,
        "attributes": {name: attribute(value) for name, value in letter.attributes.items()},
        "group_id": letter.group_id,
        "sent_at": letter.sent_at.isoformat() if letter.sent_at else None,
        "receives": letter.receive_count,
        "source_arn": letter.source_arn,
        "trace_id": letter.trace_id,
        "prediction_id": str(letter.prediction_id) if letter.prediction_id else None,
        "prediction_state": explanation.state.value if explanation.state else None,
        "code": explanation.code,
        "reason": explanation.reason,
    }


def attribute(value: "MessageAttributeValueOutputTypeDef") -> dict[str, str]:
    """A message attribute as JSON can hold it."""
    told = {"type": value["DataType"]}
    if "StringValue" in value:
        told["string"] = value["StringValue"]
    if "BinaryValue" in value:
        told["base64"] = base64.b64encode(value["BinaryValue"]).decode("ascii")
    return told


@contextmanager
def writing(file: Path) -> Iterator[Callable[[DeadLetter, Explanation], None]]:
    """Open a new file for dead letters, which nobody but its owner may read: bodies hold personal data.

    Each letter is a line of its own, on the disk with the end of the block at the latest; a file that is cut off holds
    whole lines but perhaps for its last.

    Args:
        file: It must not exist yet.

    Raises:
        UserMistakeError: It exists, or cannot be written.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FOR_ITS_OWNER_ALONE)
    except FileExistsError:
        raise UserMistakeError(f"{file} exists already; give another name, or remove it") from None
    except OSError as error:
        raise UserMistakeError(f"{file} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:

        def write(letter: DeadLetter, explanation: Explanation) -> None:
            stream.write(json.dumps(as_record(letter, explanation)) + "\n")

        yield write
