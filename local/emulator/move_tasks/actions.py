"""StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask, with AWS's refusals.

The tasks stand in MiniStack's own record of their dead-letter queue, so that they go with it. One that cannot be
cancelled any more is refused as UnsupportedOperation: AWS says that it is refused, and not how. Of AWS's quotas, the
36 hours that a task may take and the 100 tasks of an account are left out.
"""

import asyncio
import json
import logging
import time
import uuid
from typing import Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import sqs

from local.emulator import internals
from local.emulator.decisions import watching
from local.emulator.internals import Stored
from local.emulator.move_tasks import forwarding, rights, wire
from local.emulator.move_tasks.handle import Handle
from local.emulator.move_tasks.letters import DeadLetters
from local.emulator.move_tasks.task import MAX_RATE, MoveTask, NotRunningError
from local.emulator.seams import add_entry

TICK_SECONDS: Final = 0.05
"""How often a running task moves what is due."""
MAX_LISTED: Final = 10
"""How many of a queue's tasks are remembered and listed at most."""

_TASKS: Final = "move_tasks"
_log = logging.getLogger(__name__)
_movers: set[asyncio.Task[None]] = set()
"""Those under way: asyncio itself would let them go."""


async def start(data: Stored, _qurl: str) -> Stored:
    """StartMessageMoveTask."""
    queue = _dead_letter_queue(data)
    rate = _number(data, "MaxNumberOfMessagesPerSecond", MAX_RATE)
    destination_arn = data.get("DestinationArn") or None
    if destination_arn is not None:
        _check_destination(str(destination_arn), queue)
    if any(task.is_active for task in _tasks(queue)):
        raise internals.QueueError(
            "InvalidParameterValue",
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            400,
        )
    now = time.time()
    letters = DeadLetters(queue, destination_arn, now)
    _check_rights(queue, "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    for destination in letters.destinations():
        _check_rights(destination, "SendMessage")
    source_arn = str(queue["attributes"]["QueueArn"])
    handle = str(Handle(str(uuid.uuid4()), source_arn))
    task = MoveTask(handle, source_arn, destination_arn, rate, started_at=now, to_move=letters.count())
    queue[_TASKS] = [task, *_tasks(queue)][:MAX_LISTED]
    mover = asyncio.create_task(_keep_moving(task, letters))
    _movers.add(mover)
    mover.add_done_callback(_movers.discard)
    return {"TaskHandle": handle}


def list_tasks(data: Stored, _qurl: str) -> Stored:
    """ListMessageMoveTasks."""
    queue = _dead_letter_queue(data)
    most = _number(data, "MaxResults", MAX_LISTED) or 1
    _check_rights(queue, "GetQueueAttributes")
    return {"Results": [task.entry() for task in _tasks(queue)[:most]]}


def cancel(data: Stored, _qurl: str) -> Stored:
    """CancelMessageMoveTask."""
    text = _required(data, "TaskHandle")
    handle = Handle.parse(text)
    if handle is None:
        raise internals.QueueError("InvalidParameterValue", "Value for parameter TaskHandle is invalid.", 400)
    queue = _existing(handle.source_arn, "SourceArn")
    task = next((one for one in _tasks(queue) if one.handle == text), None)
    if task is None:
        raise internals.QueueError("ResourceNotFoundException", "Task does not exist.", 404)
    _check_rights(queue, "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    try:
        moved = task.cancel()
    except NotRunningError as error:
        raise internals.QueueError("UnsupportedOperation", "Only a running task can be cancelled.", 400) from error
    return {"ApproximateNumberOfMessagesMoved": moved}


async def _keep_moving(task: MoveTask, letters: DeadLetters) -> None:
    watching.leave()
    try:
        while task.is_active:
            await asyncio.sleep(TICK_SECONDS)
            task.advance(time.time(), letters)
    except Exception:  # noqa: BLE001 - a record that this layer does not expect must not leave a task running for ever
        _log.exception("a move task of %s broke", task.source_arn)
        task.fail("InternalFailure")


def _tasks(queue: Stored) -> list[MoveTask]:
    """A queue's tasks, the newest first."""
    found: list[MoveTask] = queue.get(_TASKS, [])
    return found


def _required(data: Stored, name: str) -> str:
    value = data.get(name)
    if not value:
        raise internals.QueueError("MissingParameter", f"The request must contain the parameter {name}.", 400)
    return str(value)


def _number(data: Stored, name: str, most: int) -> int | None:
    given = data.get(name)
    if given is None:
        return None
    try:
        value = int(given)
    except (TypeError, ValueError):
        value = 0
    if not 1 <= value <= most:
        raise internals.QueueError(
            "InvalidParameterValue",
            f"Value {given} for parameter {name} is invalid. Reason: Must be between 1 and {most}, if provided.",
            400,
        )
    return value


def _existing(arn: str, parameter: str) -> Stored:
    queue = internals.find_queue_by_arn(arn)
    if queue is None:
        words = f"The resource that you specified for the {parameter} parameter doesn't exist."
        raise internals.QueueError("ResourceNotFoundException", words, 404)
    return queue


def _dead_letter_queue(data: Stored) -> Stored:
    """The queue that SourceArn names, which must be some queue's dead-letter queue."""
    arn = _required(data, "SourceArn")
    queue = _existing(arn, "SourceArn")
    redrives = (
        other["attributes"].get("RedrivePolicy")
        for (owner, region, _), other in internals.queues.all_items()
        if (owner, region) == (get_account_id(), get_region())
    )
    if not any(redrive and json.loads(redrive).get("deadLetterTargetArn") == arn for redrive in redrives):
        raise internals.QueueError(
            "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.", 400
        )
    return queue


def _check_destination(arn: str, source: Stored) -> None:
    destination = _existing(arn, "DestinationArn")
    if destination is source:
        words = "Source queue arn and destination queue arn cannot be the same."
    elif destination["is_fifo"] != source["is_fifo"]:
        words = "Source queue and destination queue must be of the same type."
    else:
        return
    raise internals.QueueError("InvalidParameterValue", words, 400)


def _check_rights(queue: Stored, *actions: str) -> None:
    if not all(rights.may(f"sqs:{action}", queue) for action in actions):
        raise internals.QueueError("AccessDenied", "Queue Permissions to Redrive.", 403)


def install() -> None:
    """Adds the three calls to MiniStack's.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    forwarding.install()
    rights.install()
    wire.install()
    for action, handler in (
        ("StartMessageMoveTask", start),
        ("ListMessageMoveTasks", list_tasks),
        ("CancelMessageMoveTask", cancel),
    ):
        add_entry(sqs, "_HANDLERS", action, handler)
