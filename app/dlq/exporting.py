"""Dead letters as JSON lines in a file: whole, since that is what an export is for."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from app.dlq.letter import DeadLetter
from app.dlq.records import Explanation
from app.errors import OperationFailedError, UserMistakeError

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageAttributeValueOutputTypeDef

_FOR_ITS_OWNER_ALONE = 0o600
_NAME_LENGTH = 100
"""How much of a file's name that of its unfinished one has: names have an end, at 255 bytes mostly."""


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

    Each letter is a line of its own. They are written beside the file, which appears at the end of the block, whole and
    on the disk; where the block fails, there is none.

    Args:
        file: It must not exist yet.

    Raises:
        UserMistakeError: It exists, or cannot be made.
        OperationFailedError: It cannot be written to its end, as on a full disk.
    """
    if file.exists():
        raise _exists(file)
    unfinished = file.with_name(f".{file.name[:_NAME_LENGTH]}.{token_hex(8)}.part")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FOR_ITS_OWNER_ALONE)
    except OSError as error:
        raise UserMistakeError(f"{file} cannot be written: {error.strerror}") from None
    stream = os.fdopen(descriptor, "w", encoding="ascii")

    def write(letter: DeadLetter, explanation: Explanation) -> None:
        line = json.dumps(as_record(letter, explanation)) + "\n"
        with _told(file):
            stream.write(line)

    try:
        yield write
        with _told(file):
            stream.flush()
            os.fsync(descriptor)
        _appear(unfinished, file)
    finally:
        with suppress(OSError):  # what could not be written is tried again, and fails again
            stream.close()
        with suppress(FileNotFoundError):
            unfinished.unlink()


def _appear(unfinished: Path, file: Path) -> None:
    try:
        try:
            os.link(unfinished, file)  # unlike a rename, it replaces nothing
        except FileExistsError:
            raise _exists(file) from None
        except OSError:  # not every file system has links
            unfinished.rename(file)
    except OSError as error:
        raise UserMistakeError(f"{file} cannot be written: {error.strerror}") from None


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OperationFailedError(
            f"{file} cannot be written to its end: {error.strerror}. Nothing is kept of it, and the dead letters stay "
            "where they are; give a file where there is room"
        ) from None


def _exists(file: Path) -> UserMistakeError:
    return UserMistakeError(f"{file} exists already; give another name, or remove it")
