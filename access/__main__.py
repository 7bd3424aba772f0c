"""`python -m access`: who may do what in a stack, and what can never happen.

Exit codes: 0 all is as it must be (or nothing was held against anything); 1 a cell is not as expected, or something can
happen that must never happen; 2 a mistake in what was given, told in one line.
"""
# ruff: noqa: FBT002 - typer makes options of the booleans

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Never

import typer

from access.command import Options, run
from access.matrix.expected import COMMITTED
from access.report import Format
from access.sources import SourceError
from access.sources.chosen import Source

MISTAKE = 2

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@cli.command()
def access(  # noqa: PLR0913, PLR0917 - one argument an option
    state: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What `pulumi stack export` gave; - reads it from standard input."),
    ] = None,
    preview: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What `pulumi preview --json --show-sames` gave; - for standard input."),
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Read the account itself, by boto3.")] = False,
    stack: Annotated[str | None, typer.Option(help="The stack; by default the one that was read.")] = None,
    project: Annotated[Path, typer.Option(help="The folder with Pulumi.yaml.")] = Path(),
    how: Annotated[Format, typer.Option("--format", help="How it is told.")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option(help="Where it is written; by default standard output.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Fail if a cell is not as expected.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Write the expected matrix.")] = False,
    expected: Annotated[
        Path, typer.Option(help="The expected matrix.", show_default="access/expected.json")
    ] = COMMITTED,
    base: Annotated[
        Path | None,
        typer.Option(help="The expected matrix of the branch that is merged into: what differs is told, and passes."),
    ] = None,
    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help="Read the policies of operators, break-glass and deployers too, instead of assuming the worst.",
        ),
    ] = False,
    observed: Annotated[
        bool, typer.Option("--observed", help="What the stack's roles never used, and what they were refused.")
    ] = False,
    events: Annotated[
        list[Path] | None,
        typer.Option(
            envvar="ACCESS_EVENTS",
            help="For --observed: CloudTrail's records, or one event a line; may be given several times.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="For --observed: calls since then, such as 2026-01-31T23:59:59Z."),
    ] = None,
    application: Annotated[
        str | None,
        typer.Option(
            envvar="ACCESS_APPLICATION", help="For --observed: count only calls of this id in the user agent."
        ),
    ] = None,
    account: Annotated[str | None, typer.Option(help="In place of accountId.")] = None,
    region: Annotated[str | None, typer.Option(help="In place of aws:region.")] = None,
    vpc: Annotated[str | None, typer.Option(help="In place of vpcId.")] = None,
    vpc_endpoint: Annotated[str | None, typer.Option(help="In place of vpcEndpointId.")] = None,
    operator: Annotated[list[str] | None, typer.Option(metavar="ARN", help="In place of operatorArns.")] = None,
    break_glass: Annotated[list[str] | None, typer.Option(metavar="ARN", help="In place of breakGlassArns.")] = None,
    deployer: Annotated[list[str] | None, typer.Option(metavar="ARN", help="In place of deployerArns.")] = None,
) -> None:
    """Say who may do what with a stack's queues, from where, and by which statement."""
    if observed and not events:
        raise SourceError("--observed needs --events FILE: CloudTrail's records, or one event a line")
    options = Options(
        source=Source.chosen(state=state, preview=preview, live=live),
        stack=stack,
        project=project,
        how=how,
        output=output,
        check=check,
        update=update,
        expected=expected,
        people=people,
        base=base,
        events=tuple(events or ()) if observed else (),
        since=_time(since) if since else None,
        application=application,
        given={
            "account_id": account,
            "region": region,
            "vpc_id": vpc,
            "vpc_endpoint_id": vpc_endpoint,
            "operator_arns": tuple(operator or ()),
            "break_glass_arns": tuple(break_glass or ()),
            "deployer_arns": tuple(deployer or ()),
        },
    )
    raise typer.Exit(run(options))


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SourceError(f"--since is {text!r}; it is a time of the form 2026-01-31T23:59:59Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def main() -> None:
    """Run the command; a mistake ends in one line, not in a traceback, and never as if a cell had differed."""
    try:
        cli(prog_name="python -m access")
    except SourceError as error:
        _fail(str(error))
    except Exception as error:  # noqa: BLE001 - the last resort: exit code 1 is for cells that differ
        _fail(f"{type(error).__name__}: {error}; this is a fault of the program, please report it with what was given")


def _fail(words: str) -> Never:
    sys.stderr.write(f"error: {' '.join(words.split())}\n")
    sys.exit(MISTAKE)


if __name__ == "__main__":
    main()
