"""The answers of `dlq …` on a terminal."""

import json

from rich.console import Console

from app.commands.dead_letter_shapes import (
    DeadLetterAnswer,
    DeadLettersAnswer,
    ExportAnswer,
    LookAnswer,
    MoveTaskAnswer,
    MoveTasksAnswer,
    RedriveAllAnswer,
    RedriveChosenAnswer,
    ShowAnswer,
)
from app.screen import say, table

_FAILURES = {
    "AccessDenied": "the operator's role lacks a permission that a redrive takes: see docs/access.md",
    "CouldNotDetermineMessageSource": "a letter was sent here directly, so SQS does not know where to; "
    "`dlq redrive --one-by-one` sends such back too",
    "AWS.SimpleQueueService.NonExistentQueue": "the queue that a letter came from is gone",
}


def show_letters(console: Console, answer: DeadLettersAnswer) -> None:
    """Tell what is in the dead-letter queue."""
    rows = [
        (
            letter["message_id"],
            letter["prediction_id"] or "not readable",
            letter["prediction_state"] or "",
            letter["code"] or ("none recorded" if answer["records"] else "not known"),
            (letter["sent_at"] or "")[:19],
            (letter["expires_at"] or "")[:19],
        )
        for letter in answer["letters"]
    ]
    head = ("message", "prediction", "state", "reason", "sent", "expires")
    table(console, head, rows, "no such dead letters" if answer["looked_at"] else "no dead letters")
    for letter in answer["letters"]:
        if "body" in letter:
            _show_body(console, letter)
    say(console, f"about {answer['visible']} visible and {answer['in_flight']} in somebody's hands")
    _show_look(console, answer)


def show_letter(console: Console, answer: ShowAnswer) -> None:
    """Tell all that is known of a letter."""
    for letter in answer["letters"]:
        rows = [
            (name.replace("_", " "), "none" if value is None else str(value))
            for name, value in letter.items()
            if name not in {"body", "attributes"}
        ]
        table(console, ("dead letter", ""), rows, "")
        if "body" in letter:
            _show_body(console, letter)
    _show_look(console, answer)


def show_export(console: Console, answer: ExportAnswer) -> None:
    """Tell what was written."""
    say(console, f"{answer['exported']} letters written to {answer['file']}, bodies and all: keep it as you keep those")
    _show_look(console, answer)


def show_redrive_chosen(console: Console, answer: RedriveChosenAnswer) -> None:
    """Tell what was sent back one by one."""
    if answer["dry_run"]:
        say(console, f"would send back {answer['matched'] - answer['foreign']}; nothing was changed")
    else:
        say(console, f"{answer['sent']} of {answer['matched']} letters sent back, {answer['deleted']} deleted here")
    if answer["sent"] > answer["deleted"]:
        say(console, f"{answer['sent'] - answer['deleted']} are in both queues now: duplicates, which do no harm")
    if answer["failed"]:
        say(console, f"{answer['failed']} could not be sent and stay here")
    if answer["foreign"]:
        say(console, f"{answer['foreign']} come from another queue and stay here")
    if answer["returned"]:
        say(console, f"{answer['returned']} failed again and are here again: the cause is not mended")
    if answer["failure"]:
        say(console, answer["failure"])
    _show_look(console, answer)


def show_redrive_all(console: Console, answer: RedriveAllAnswer) -> None:
    """Tell how a move task went, or would go."""
    task = answer["task"]
    if task is None:
        say(console, f"would have SQS move about {answer['visible']} back; nothing was changed")
        return
    _show_task(console, task)
    if task["handle"]:
        say(console, "it goes on without us: `dlq tasks` shows it, `dlq cancel` stops it")


def show_tasks(console: Console, answer: MoveTasksAnswer) -> None:
    """Tell of move tasks."""
    if not answer["tasks"]:
        say(console, "no move tasks")
    for task in answer["tasks"]:
        _show_task(console, task)


def _show_task(console: Console, task: MoveTaskAnswer) -> None:
    rate = f", at most {task['rate']} a second" if task["rate"] else ""
    say(
        console,
        f"{task['status']}: {task['moved']} of about {task['to_move']} moved, since {task['started_at'][:19]}{rate}",
    )
    if task["failure"]:
        say(console, f"AWS says {task['failure']}: {_FAILURES.get(task['failure'], 'see the SQS developer guide')}")


def _show_body(console: Console, letter: DeadLetterAnswer) -> None:
    say(console, f"{letter['message_id']} attributes: {json.dumps(letter['attributes'])}")
    say(console, f"{letter['message_id']} body: {letter['body']}")


def _show_look(console: Console, look: LookAnswer) -> None:
    if look["interrupted"]:
        say(console, f"interrupted after {look['looked_at']}")
    elif not look["complete"]:
        say(console, f"looked at {look['looked_at']}; there may be more: --limit looks further")
    if not look["records"]:
        say(console, "the store is not there or could not be reached, so that no reasons are known: set DATABASE_URL")
    if look["not_given_back"]:
        say(console, f"{look['not_given_back']} could not be given back; they are visible again within two minutes")
