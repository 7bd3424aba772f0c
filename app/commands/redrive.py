"""`dlq redrive`, `tasks` and `cancel`: send dead letters back to be worked on."""

import structlog
from structlog.typing import FilteringBoundLogger

from app.commands.dead_letter_shapes import MoveTaskAnswer, MoveTasksAnswer, RedriveAllAnswer, RedriveChosenAnswer
from app.commands.dead_letters import desk
from app.dlq.browsing import Browse
from app.dlq.filters import Filter
from app.dlq.metered import count_redriven
from app.dlq.move_task import MoveTask
from app.dlq.moving import Move
from app.dlq.one_by_one import OneByOne
from app.errors import OperationFailedError
from app.settings import load_settings
from app.wiring.metrics import metrics_of

log: FilteringBoundLogger = structlog.get_logger(__name__)

MOST_TASKS = 10


def redrive_all(*, rate: int | None, detach: bool, dry_run: bool) -> RedriveAllAnswer:
    """Have SQS move all letters back to where they came from.

    Args:
        rate: The most to move in a second, 1 to 500; None leaves it to SQS.
        detach: Whether to return once it has started, instead of when it has ended.
        dry_run: Whether to start nothing.
    """
    with desk() as at, metrics_of(load_settings(), is_short=True) as metrics:
        visible = at.queue.depth().visible
        if dry_run:
            return {"dry_run": True, "visible": visible, "task": None}
        move = Move(at.queue, at.clock, at.shutdown, _tell)
        handle = move.start(rate)
        if detach:
            started = MoveTask(handle, "RUNNING", 0, visible, rate, None, at.clock.now())
            return {"dry_run": False, "visible": visible, "task": _answer(started)}
        moved = move.follow()
        count_redriven(metrics, sent=moved.moved)
        return {"dry_run": False, "visible": visible, "task": _answer(moved)}


def redrive_chosen(wanted: Filter, *, limit: int, rate: int | None, dry_run: bool) -> RedriveChosenAnswer:
    """Send back the letters that a filter takes, one by one: each is sent first and deleted then.

    Args:
        wanted: Which ones.
        limit: The most to look at.
        rate: The most to send in a second; None for as many as it can.
        dry_run: Whether to send nothing, and only count.
    """
    with desk() as at, metrics_of(load_settings(), is_short=True) as metrics:
        at.check(wanted)
        sending = OneByOne(
            queue=at.queue,
            records=at.records,
            wanted=wanted,
            clock=at.clock,
            shutdown=at.shutdown,
            rate=rate,
            dry_run=dry_run,
        )
        with Browse(at.queue, at.shutdown, limit) as browse:
            sending.run(browse)
        tally = sending.tally
        count_redriven(metrics, sent=tally.sent, failed=tally.failed)
        stopped_by = "done" if browse.is_complete else "limit"
        if tally.failure:
            stopped_by = "failure"
        elif at.shutdown.is_requested:
            stopped_by = "signal"
        return {
            **at.look(browse),
            "dry_run": dry_run,
            "matched": tally.matched,
            "sent": tally.sent,
            "deleted": tally.deleted,
            "failed": tally.failed,
            "foreign": tally.foreign,
            "returned": tally.returned,
            "stopped_by": stopped_by,
            "failure": tally.failure,
        }


def list_tasks() -> MoveTasksAnswer:
    """The newest move tasks of the dead-letter queue."""
    with desk() as at:
        return {"tasks": [_answer(task) for task in at.queue.tasks(MOST_TASKS)]}


def cancel_task(*, dry_run: bool) -> MoveTasksAnswer:
    """Cancel the move task that runs; what it has moved stays moved.

    Raises:
        OperationFailedError: None runs.
    """
    with desk() as at:
        running = next((task for task in at.queue.tasks() if task.handle), None)
        if running is None or running.handle is None:
            raise OperationFailedError("no move task is running; `dlq tasks` lists those that were")
        if dry_run:
            return {"tasks": [_answer(running)]}
        at.queue.cancel(running.handle)
        return {"tasks": [_answer(task) for task in at.queue.tasks()]}


def _tell(task: MoveTask) -> None:
    log.info("dlq.moving", status=task.status, moved=task.moved, to_move=task.to_move)


def _answer(task: MoveTask) -> MoveTaskAnswer:
    return {
        "status": task.status,
        "moved": task.moved,
        "to_move": task.to_move,
        "rate": task.rate,
        "failure": task.failure,
        "started_at": task.started_at.isoformat(),
        "handle": task.handle,
    }
