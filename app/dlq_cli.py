"""`python -m app dlq`: the commands on the dead-letter queue.

They run as the operator's role, through the VPC endpoint. Exit codes as everywhere: 0 done, 1 not done, 2 a mistake in
what was given.
"""
# ruff: noqa: PLC0415 - the imports inside the commands, so that `--help` does not wait for them

from pathlib import Path
from typing import Annotated

import typer

from app.options import Json, log_to_stderr

dlq = typer.Typer(
    help="Look at dead letters, and send them back. Nothing is deleted but what has been sent back first.",
    no_args_is_help=True,
    add_completion=False,
)

FEW, MANY = 100, 10_000
"""How many letters are looked at: where all that are seen are shown, and where some are looked for."""

LookLimit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        max=100_000,
        show_default=False,
        help=f"The most letters to look at; by default {MANY}, of a list of all {FEW}.",
    ),
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="Only those with this reason, such as unusable-file; unknown for none.")
]
UserOption = Annotated[str | None, typer.Option("--user", help="Only those that name this user.")]
PredictionOption = Annotated[str | None, typer.Option("--prediction", help="Only those that name this prediction.")]
OlderOption = Annotated[str | None, typer.Option("--older-than", help="Only those sent so long ago: 90m, 12h, 2d.")]
NewerOption = Annotated[str | None, typer.Option("--newer-than", help="Only those sent no longer ago.")]
BodyOption = Annotated[bool, typer.Option("--body", help="Print bodies, attributes and users too: personal data.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")]


@dlq.command("list")
def list_(  # noqa: PLR0913 - one argument an option
    *,
    limit: LookLimit = None,
    reason: ReasonOption = None,
    user: UserOption = None,
    prediction: PredictionOption = None,
    older_than: OlderOption = None,
    newer_than: NewerOption = None,
    body: BodyOption = False,
    as_json: Json = False,
) -> None:
    """List dead letters and why they are here. They stay; each is out of sight for two minutes at most.

    Exits with 1 if it was interrupted, or some could not be given back at once.
    """
    from app.commands.dead_letters import list_letters
    from app.dlq.filters import Filter
    from app.dlq_screen import show_letters
    from app.screen import show

    log_to_stderr()
    wanted = Filter.parse(reason=reason, user=user, prediction=prediction, older=older_than, newer=newer_than)
    answer = list_letters(wanted, limit=limit or (FEW if wanted.is_open else MANY), body=body)
    show(answer, show_letters, as_json=as_json)
    raise typer.Exit(int(answer["interrupted"] or answer["not_given_back"] > 0))


@dlq.command("show")
def show_(
    identifier: Annotated[str, typer.Argument(help="A message's id, or a prediction's.", metavar="ID")],
    *,
    limit: LookLimit = None,
    body: BodyOption = False,
    as_json: Json = False,
) -> None:
    """Show one dead letter, or all that name a prediction, with the recorded reason.

    Exits with 1 if there is none.
    """
    from app.commands.dead_letters import show_letters
    from app.dlq_screen import show_letter
    from app.screen import show

    log_to_stderr()
    show(show_letters(identifier, limit=limit or MANY, body=body), show_letter, as_json=as_json)


@dlq.command()
def export(  # noqa: PLR0913 - one argument an option
    file: Annotated[Path, typer.Argument(help="A new file; one JSON document a line.")],
    *,
    limit: LookLimit = None,
    reason: ReasonOption = None,
    user: UserOption = None,
    prediction: PredictionOption = None,
    older_than: OlderOption = None,
    newer_than: NewerOption = None,
    as_json: Json = False,
) -> None:
    """Write dead letters, bodies and all, to a file that only you can read. They stay in the queue.

    Exits with 1 if there were more than it looked at.
    """
    from app.commands.dead_letters import export_letters
    from app.dlq.filters import Filter
    from app.dlq_screen import show_export
    from app.screen import show

    log_to_stderr()
    wanted = Filter.parse(reason=reason, user=user, prediction=prediction, older=older_than, newer=newer_than)
    answer = export_letters(file, wanted, limit=limit or MANY)
    show(answer, show_export, as_json=as_json)
    raise typer.Exit(int(not answer["complete"]))


@dlq.command()
def redrive(  # noqa: PLR0913 - one argument an option
    *,
    reason: ReasonOption = None,
    user: UserOption = None,
    prediction: PredictionOption = None,
    older_than: OlderOption = None,
    newer_than: NewerOption = None,
    one_by_one: Annotated[
        bool, typer.Option("--one-by-one", help="Without a filter too: all, but sent from here and not by SQS.")
    ] = False,
    rate: Annotated[int | None, typer.Option("--rate", min=1, max=500, help="The most in a second.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Of all: do not wait for the end.")] = False,
    limit: LookLimit = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to be worked on: all of them by SQS itself, or those that a filter takes one by one.

    One by one, each is sent first and deleted then: it may be sent twice, and is never lost. Ctrl-C cancels a move that
    is waited for, and stops after the letter under way; what has been sent stays sent.

    Exits with 1 if not all that was meant was sent back.
    """
    from app.commands.redrive import redrive_all, redrive_chosen
    from app.dlq.filters import Filter
    from app.dlq_screen import show_redrive_all, show_redrive_chosen
    from app.errors import UserMistakeError
    from app.screen import show

    log_to_stderr()
    wanted = Filter.parse(reason=reason, user=user, prediction=prediction, older=older_than, newer=newer_than)
    if wanted.is_open and not one_by_one:
        if limit is not None:
            raise UserMistakeError(
                "--limit does not bound SQS's own move, which takes all letters: add --one-by-one, or a filter"
            )
        moved = redrive_all(rate=rate, detach=detach, dry_run=dry_run)
        show(moved, show_redrive_all, as_json=as_json)
        ended_well = moved["task"] is None or moved["task"]["status"] in {"RUNNING", "COMPLETED"}
        raise typer.Exit(int(not ended_well))
    if detach:
        raise UserMistakeError("--detach is for SQS's own move of all letters; chosen ones are sent from here")
    answer = redrive_chosen(wanted, limit=limit or MANY, rate=rate, dry_run=dry_run)
    show(answer, show_redrive_chosen, as_json=as_json)
    whole = answer["stopped_by"] == "done" and not answer["failed"] and answer["sent"] == answer["deleted"]
    raise typer.Exit(int(not whole))


@dlq.command()
def tasks(*, as_json: Json = False) -> None:
    """List SQS's move tasks of this queue, the newest first."""
    from app.commands.redrive import list_tasks
    from app.dlq_screen import show_tasks
    from app.screen import show

    log_to_stderr()
    show(list_tasks(), show_tasks, as_json=as_json)


@dlq.command()
def cancel(*, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Stop the move task that runs. What it has moved stays moved.

    Exits with 1 if none runs.
    """
    from app.commands.redrive import cancel_task
    from app.dlq_screen import show_tasks
    from app.screen import show

    log_to_stderr()
    show(cancel_task(dry_run=dry_run), show_tasks, as_json=as_json)
