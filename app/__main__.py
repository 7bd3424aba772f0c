"""`python -m app`: upload, publish, relay, work, and look; `dlq` for what went wrong.

Every command takes its settings from the environment (see `app.settings`), prints its answer to stdout for a person, or
with `--json` in the shape that `app.commands.shapes` documents, and logs to stderr. Exit codes: 0 done, 1 not done, 2 a
mistake in what was given, told in one line.

What a command needs is imported when it runs, so that `--help` does not wait for SciPy, SQLAlchemy and boto3.
"""
# ruff: noqa: PLC0415, E402 - the imports inside the commands, for the reason above, and those behind the first act

import sys

from app.clock import SystemClock
from app.shutdown import Shutdown

_shutdown = Shutdown(SystemClock())
if __name__ == "__main__" and sys.argv[1:2] in (["work"], ["relay"]):
    # Before anything that takes long to import: to a container's first process the kernel delivers no signal that has
    # no handler, so one told to stop in its first second would be waited for in vain, and killed.
    _shutdown.listen()

import os
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from app.dlq_cli import dlq
from app.errors import OperationFailedError, UserMistakeError
from app.options import Json, log_to_stderr

DONE, NOT_DONE, MISTAKE = 0, 1, 2

cli = typer.Typer(
    help="Publishes prediction jobs and works on them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.add_typer(dlq, name="dlq")

Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="The most to list.")]
StateName = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]


@cli.command()
def upload(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns ID, frequency, recency, T.")],
    user: Annotated[str, typer.Option("--user", help="Whose it is: user_ and letters and digits.")],
    priority: Annotated[
        Literal["low", "normal", "high"], typer.Option(help="Carried along in the message.")
    ] = "normal",
    as_json: Json = False,  # noqa: FBT002 - typer makes an option of it
) -> None:
    """Store a file and record its prediction as QUEUED. `publish` sends it."""
    from app.commands.upload import upload as run
    from app.screen import show, show_upload

    log_to_stderr()
    show(run(file, user, priority), show_upload, as_json=as_json)


@cli.command()
def publish(
    prediction: Annotated[str | None, typer.Option("--prediction", help="Only this prediction's id.")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Send the messages of the predictions that wait for it. What cannot be sent now is kept.

    Exits with 1 if the queue refused or could not be reached; with 0 if publishing is switched off.
    """
    from app.commands.publish import FAILURES
    from app.commands.publish import publish as run
    from app.screen import show, show_publish

    log_to_stderr()
    answer = run(prediction)
    show(answer, show_publish, as_json=as_json)
    if any(result["code"] in FAILURES for result in answer["results"]):
        raise typer.Exit(NOT_DONE)


@cli.command()
def relay(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is due any more.")] = False,  # noqa: FBT002
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Send what waits, again and again, until SIGTERM or SIGINT. Any number may run at once.

    With --once, exits with 1 if the queue refused or could not be reached.
    """
    from app.commands.relay import relay as run
    from app.screen import show, show_relay

    log_to_stderr()
    answer = run(once=once, shutdown=_shutdown)
    show(answer, show_relay, as_json=as_json)
    raise typer.Exit(NOT_DONE if answer["stopped_by"] == "kept" else DONE)


@cli.command()
def work(
    drain: Annotated[bool, typer.Option("--drain", help="Stop when the queue is empty.")] = False,  # noqa: FBT002
    max_seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so long in any case.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, max=64, help="How many messages at once.")] = None,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Consume the queue until told to stop. SIGTERM and SIGINT let running work finish; a second one does not.

    Exits with 1 if AWS refuses, or if a drain was not done within its time.
    """
    from app.commands.work import work as run
    from app.screen import show, show_work

    log_to_stderr()
    answer = run(drain=drain, max_seconds=max_seconds, concurrency=concurrency, shutdown=_shutdown)
    show(answer, show_work, as_json=as_json)
    late = drain and answer["stopped_by"] == "time"
    code = NOT_DONE if late or answer["stopped_by"] == "refused" else DONE
    if answer["unfinished"]:  # they have lost their right to commit; waiting for them would only delay the end
        sys.stdout.flush()
        os._exit(code)
    raise typer.Exit(code)


@cli.command()
def predictions(
    user: Annotated[str | None, typer.Option("--user", help="Only this user's.")] = None,
    state: Annotated[StateName | None, typer.Option("--state", help="Only those in this state.")] = None,
    limit: Limit = 100,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """List the predictions: state, attempts and what came of them."""
    from app.commands.records import list_predictions
    from app.screen import show, show_predictions
    from app.store import State

    log_to_stderr()
    answer = list_predictions(user_id=user, state=State(state) if state else None, limit=limit)
    show(answer, show_predictions, as_json=as_json)


@cli.command()
def rejections(
    limit: Limit = 100,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """List the messages that were refused, and why."""
    from app.commands.records import list_rejections
    from app.screen import show, show_rejections

    log_to_stderr()
    show(list_rejections(limit=limit), show_rejections, as_json=as_json)


@cli.command()
def queue(
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Show the queue's attributes and how much is in it."""
    from app.commands.queue import queue_attributes
    from app.screen import show, show_queue

    log_to_stderr()
    show(queue_attributes(), show_queue, as_json=as_json)


@cli.command()
def doctor(
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Look whether all that this needs is there and as it should be, and say what to do if not. Changes nothing.

    What this role may not see is unknown, and no failure. Exits with 1 if something failed.
    """
    from app.commands.doctor import doctor as run
    from app.screen import show, show_doctor

    log_to_stderr()
    answer = run()
    show(answer, show_doctor, as_json=as_json)
    raise typer.Exit(DONE if answer["healthy"] else NOT_DONE)


def _fail(message: str, code: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 - where errors are told
    sys.exit(code)


def main() -> None:
    """Run the CLI; what goes wrong is told in one line."""
    try:
        cli(prog_name="python -m app")
    except UserMistakeError as error:
        _fail(str(error), MISTAKE)
    except OperationFailedError as error:
        _fail(str(error), NOT_DONE)
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        if not isinstance(error, SQLAlchemyError):
            raise
        _fail(f"the database does not do its part: {getattr(error, 'orig', None) or type(error).__name__}", NOT_DONE)


if __name__ == "__main__":
    main()
