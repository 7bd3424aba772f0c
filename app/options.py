"""What the commands have in common."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]


def log_to_stderr() -> None:
    """Send this process's logs to stderr; stdout belongs to the answer."""
    from app.logs import configure_logs  # noqa: PLC0415 - `--help` does not wait for it

    configure_logs()
