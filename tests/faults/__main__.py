"""`make soak`: the application under faults and blows for long; exits with 1 if anything was lost or done twice.

Also with 1 if a fault never came about: a run that injects nothing proves nothing.
"""

import secrets
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from local.paths import LocalPaths
from tests.app.servers.postgresql import PostgreSQLMissingError
from tests.faults.blows import Blow
from tests.faults.plan import Plan, Store
from tests.faults.report import again, show
from tests.faults.run import run

PREDICTIONS_PER_BLOW: Mapping[Blow, int] = {
    Blow.KILL_PUBLISHER: 2500,
    Blow.KILL_RELAY: 1000,
    Blow.KILL_WORKER: 400,
    Blow.FREEZE_WORKER: 800,
    Blow.KILL_AWS: 2000,
}

_JOBS = 8
"""How many jobs a worker has at once: what is slow in a long run is mostly waited for."""

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@cli.command()
def soak(
    count: Annotated[int, typer.Option(min=20, help="How many predictions.")] = 10_000,
    seed: Annotated[int | None, typer.Option(help="Where chance comes from; by default another each time.")] = None,
    store: Annotated[Store, typer.Option(help="Which database.")] = "sqlite",
    only: Annotated[
        list[str] | None, typer.Option(help="Inject only what has this in its name, such as `kill`; may be repeated.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where logs go, an empty folder; by default .local/soak, which is emptied.")
    ] = None,
) -> None:
    """Run it, and say what came of it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # whoever ends it early ends all that it has started
        signal.signal(number, signal.default_int_handler)
    console = Console()
    kinds = tuple(only or ())
    plan = Plan(
        count,
        secrets.randbelow(10**6) if seed is None else seed,
        store,
        concurrency=_JOBS,
        only=kinds,
        is_long=True,
        patience_seconds=240,
    )
    blows = {blow: max(1, count // each) for blow, each in PREDICTIONS_PER_BLOW.items() if plan.wants(blow.value)}
    plan = Plan(**{**vars(plan), "blows": blows})
    place = folder or LocalPaths().run / "soak"
    if folder is None:
        shutil.rmtree(place, ignore_errors=True)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        _fail(f"--folder {folder} is there already, with something in it; name an empty folder or a new one")
    console.print(
        f"{count} predictions on {store}, seed {plan.seed}; logs in {place}; again: {again(plan)}", soft_wrap=True
    )
    try:
        result = run(plan, place, lambda line: console.print(f"{time.strftime('%X')} {line}", highlight=False))
    except PostgreSQLMissingError as error:
        _fail(str(error))
    show(result, console)
    sys.exit(0 if result.is_good else 1)


def _fail(message: str) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 - where errors are told
    sys.exit(2)


if __name__ == "__main__":
    cli()
