"""Receipt handles that are no longer the newest: AWS tells four cases apart, MiniStack one.

A worker that loses its lease, deletes twice, or extends too late meets these:

- a handle that this queue gave out, but a later receive replaced or a delete used up: deleting with it succeeds and
  does nothing; changing visibility with it is InvalidParameterValue;
- the newest handle of a message that is visible again: deleting works, changing visibility is MessageNotInflight;
- more than 12 h after the receive: changing visibility is InvalidParameterValue;
- a handle that this queue never gave out: ReceiptHandleIsInvalid.

Source: DeleteMessage and ChangeMessageVisibility in the SQS API reference
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html).
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ministack.services import sqs

from local.emulator import internals
from local.emulator.internals import Stored
from local.emulator.seams import wrap_entry

VISIBILITY_SECONDS: Final = 43_200
"""How long after its receive a message can be kept invisible."""
REMEMBERED: Final = 10_000
"""How many handles are remembered for each queue, the newest ones."""

Handler = Callable[[Stored, str], Any]
INVALID: Final = "ReceiptHandleIsInvalid"


class _StaleError(Exception):
    """A visibility change that AWS refuses.

    Args:
        code: AWS's error code.
        message: AWS's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _issued(url: str) -> dict[str, float]:
    """The handles that a queue gave out, with the times of their receives."""
    found: dict[str, float] = internals.find_queue(url).setdefault("issued", {})
    return found


def _remembering(original: Callable[..., Awaitable[Stored]]) -> Callable[..., object]:
    async def handle(data: Stored, qurl: str) -> Stored:
        result = await original(data, qurl)
        if result.get("Messages"):
            issued = _issued(data.get("QueueUrl", qurl))
            issued |= {message["ReceiptHandle"]: time.time() for message in result["Messages"]}
            for old in list(issued)[:-REMEMBERED]:
                del issued[old]
        return result

    return handle


def _deleting(original: Handler) -> Handler:
    def handle(data: Stored, qurl: str) -> object:
        try:
            return original(data, qurl)
        except internals.QueueError as error:
            spent = data.get("ReceiptHandle") in _issued(data.get("QueueUrl", qurl))
            if spent and getattr(error, "code", "") == INVALID:
                return {}
            raise

    return handle


def _deleting_batch(original: Handler) -> Handler:
    def handle(data: Stored, qurl: str) -> object:
        result = original(data, qurl)
        issued = _issued(data.get("QueueUrl", qurl))
        handles = {entry["Id"]: entry["ReceiptHandle"] for entry in data["Entries"]}
        spent = [entry for entry in result["Failed"] if entry["Code"] == INVALID and handles[entry["Id"]] in issued]
        return {
            "Successful": result["Successful"] + [{"Id": entry["Id"]} for entry in spent],
            "Failed": [entry for entry in result["Failed"] if entry not in spent],
        }

    return handle


def _check_change(url: str, handle: str, seconds: int) -> None:
    """Whether AWS lets this handle's message change its visibility; MiniStack refuses a handle never given out."""
    queue = internals.find_queue(url)
    received_at = _issued(url).get(handle)
    if received_at is None:
        return
    message = next((each for each in queue["messages"] if each["receipt_handle"] == handle), None)
    if message is None:
        raise _StaleError(
            "InvalidParameterValue",
            f"Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
            f"available for visibility timeout change.",
        )
    now = time.time()
    if message["visible_at"] <= now:
        raise _StaleError("MessageNotInflight", "The specified message is not in flight.")
    if now + seconds > received_at + VISIBILITY_SECONDS + 1:  # a second's grace: a client's "all that is left"
        raise _StaleError(
            "InvalidParameterValue",
            f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the "
            f"message is beyond the limit [{VISIBILITY_SECONDS} seconds].",
        )


def _changing(original: Handler) -> Handler:
    def handle(data: Stored, qurl: str) -> object:
        url = data.get("QueueUrl", qurl)
        internals.find_queue(url, "sqs:ChangeMessageVisibility")
        try:
            _check_change(url, data.get("ReceiptHandle", ""), int(data.get("VisibilityTimeout", 0)))
        except _StaleError as error:
            raise internals.QueueError(error.code, str(error), 400) from error
        return original(data, qurl)

    return handle


def _changing_batch(original: Handler) -> Handler:
    def handle(data: Stored, qurl: str) -> object:
        url = data.get("QueueUrl", qurl)
        internals.find_queue(url, "sqs:ChangeMessageVisibility")
        refused: list[Stored] = []
        for entry in data.get("Entries", []):
            try:
                _check_change(url, entry.get("ReceiptHandle", ""), int(entry.get("VisibilityTimeout", 0)))
            except _StaleError as error:
                failure = {"Id": entry.get("Id", ""), "Code": error.code, "Message": str(error), "SenderFault": True}
                refused.append(failure)
        ids = {failure["Id"] for failure in refused}
        kept = [entry for entry in data.get("Entries", []) if entry.get("Id", "") not in ids]
        if refused and not kept:
            return {"Successful": [], "Failed": refused}
        result = original(data | {"Entries": kept}, qurl)
        return {"Successful": result["Successful"], "Failed": result["Failed"] + refused}

    return handle


def install() -> None:
    """Makes MiniStack tell these cases apart.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    for action, wrapper in (
        ("ReceiveMessage", _remembering),
        ("DeleteMessage", _deleting),
        ("DeleteMessageBatch", _deleting_batch),
        ("ChangeMessageVisibility", _changing),
        ("ChangeMessageVisibilityBatch", _changing_batch),
    ):
        wrap_entry(sqs, "_HANDLERS", action, ("data", "qurl"), wrapper)
