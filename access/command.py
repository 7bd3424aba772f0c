"""What the command does: read, judge, tell."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from access.deployed import Deployed, Identity
from access.documents import MalformedDocumentError
from access.judgement import judge
from access.matrix.cells import build
from access.matrix.expected import as_expected, read_expected, write_expected
from access.report import Format, render
from access.sources import Settings, SourceError, load_settings
from access.sources.assembly import assemble
from access.sources.chosen import Source
from access.sources.identities import read_identities
from access.sources.live import SessionClients, read_live
from access.usage.cloudtrail import Event, MalformedEventsError, parse_events

GOOD, BAD = 0, 1


@dataclass(frozen=True)
class Options:
    """What was asked.

    Args:
        source: Where documents are read.
        stack: The stack's name; None for the one that was read.
        project: The folder with `Pulumi.yaml`.
        how: How the report is told.
        output: Where it is written; None for standard output.
        check: Whether the matrix is held against the expected one.
        update: Whether the expected one is written.
        expected: Where it is.
        people: Whether the policies of those outside the stack are read.
        events: The record of calls that grants are held against; None for none.
        application: Whose calls count, by the id in the user agent; None for everybody's.
        given: Settings that take the place of those in `Pulumi.<stack>.yaml`.
    """

    source: Source
    given: Mapping[str, str | tuple[str, ...] | None]
    stack: str | None = None
    project: Path = Path()
    how: Format = Format.TABLE
    output: Path | None = None
    check: bool = False
    update: bool = False
    expected: Path = Path("expected.json")
    people: bool = False
    events: Path | None = None
    application: str | None = None


def run(options: Options) -> int:
    """Do what was asked.

    Returns:
        The exit code: 0 if all is as it must be, 1 if not.

    Raises:
        SourceError: When something that was given cannot be used.
    """
    if options.check and options.update:
        raise SourceError("--check holds the matrix against the expected one, --update makes it that; give one of them")
    name, deployed, settings = _read(options)
    try:
        if options.update:
            write_expected(options.expected, as_expected(build(deployed, settings)))
        report = judge(
            name,
            deployed,
            settings,
            identities=_people(settings) if options.people else None,
            expected=read_expected(options.expected) if options.check else None,
            calls=_calls(options.events) if options.events else None,
            application=options.application,
        )
    except MalformedDocumentError as error:
        raise SourceError(f"a policy says what cannot be understood: {error}") from None
    on_terminal = options.output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else None
    _tell(render(report, options.how, width), options.output)
    return GOOD if report.is_good else BAD


def _read(options: Options) -> tuple[str, Deployed, Settings]:
    if options.source.live:
        if not options.stack:
            raise SourceError("--live needs --stack NAME: the settings of Pulumi.<stack>.yaml say which account it is")
        name = options.stack.rsplit("/", 1)[-1]
        settings = load_settings(options.project, name, options.given)
        return name, read_live(SessionClients(settings.region), settings), settings
    stack = options.source.stack()
    if options.stack and options.stack.rsplit("/", 1)[-1] != stack.name:
        raise SourceError(f"what was read is the stack {stack.name}, not {options.stack}")
    settings = load_settings(options.project, stack.name, options.given)
    return stack.name, assemble(stack, settings, str(options.source)), settings


def _people(settings: Settings) -> dict[str, Identity]:
    arns = (*settings.operator_arns, *settings.break_glass_arns, *settings.deployer_arns)
    return read_identities(SessionClients(settings.region).iam, arns, settings)


def _calls(path: Path) -> tuple[Event, ...]:
    try:
        return parse_events(path.read_bytes(), source=str(path))
    except FileNotFoundError:
        raise SourceError(
            f"{path} does not exist: nothing was called yet. `make demo` does; --events names another record"
        ) from None
    except (OSError, MalformedEventsError) as error:
        raise SourceError(str(error)) from None


def _tell(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{output} cannot be written: {error.strerror}") from None
