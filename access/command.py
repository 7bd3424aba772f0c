"""What the command does: read, judge, tell."""

import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from access.deployed import Deployed, Identity
from access.documents import MalformedDocumentError
from access.judgement import judge
from access.matrix.cells import Matrix, build
from access.matrix.expected import Expected, as_expected, differences, read_expected, with_those_absent, write_expected
from access.report import Format, render
from access.sources import Settings, SourceError, load_settings, project_name
from access.sources.assembly import assemble
from access.sources.chosen import Source
from access.sources.identities import read_identities
from access.sources.live import SessionClients, read_live
from access.usage.record import recorded

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
        base: The expected matrix of the branch that is merged into; what differs from it is told first in Markdown, and
            held against nobody. None for none.
        events: The records of calls that grants are held against; none for no such question.
        since: Calls before it do not count; None counts all.
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
    base: Path | None = None
    events: tuple[Path, ...] = ()
    since: datetime | None = None
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
    if options.base and options.how is not Format.MARKDOWN:
        raise SourceError("--base is told in a pull request alone: give it with --format markdown")
    name, deployed, settings = _read(options)
    try:
        if options.update:
            _update(options.expected, build(deployed, settings))
        against_base = differences(build(deployed, settings), read_expected(options.base)) if options.base else None
        report = judge(
            name,
            deployed,
            settings,
            identities=_people(settings) if options.people else None,
            expected=read_expected(options.expected) if options.check else None,
            calls=recorded(options.events, settings, options.since) if options.events else None,
            application=options.application,
        )
    except MalformedDocumentError as error:
        raise SourceError(f"a policy says what cannot be understood: {error}") from None
    on_terminal = options.output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else None
    _tell(render(report, options.how, width, against_base), options.output)
    return GOOD if report.is_good else BAD


def _read(options: Options) -> tuple[str, Deployed, Settings]:
    if options.source.live:
        if not options.stack:
            raise SourceError("--live needs --stack NAME: the settings of Pulumi.<stack>.yaml say which account it is")
        name = options.stack.rsplit("/", 1)[-1]
        settings = load_settings(options.project, name, options.given)
        return name, read_live(SessionClients(settings.region), settings), settings
    stack = options.source.stack()
    if stack.project != (project := project_name(options.project)):
        raise SourceError(
            f"what was read is a stack of the project {stack.project}, not of {project}; --project names the folder of"
            f" the other"
        )
    if options.stack and options.stack.rsplit("/", 1)[-1] != stack.name:
        raise SourceError(f"what was read is the stack {stack.name}, not {options.stack}")
    settings = load_settings(options.project, stack.name, options.given)
    return stack.name, assemble(stack, settings, str(options.source)), settings


def _people(settings: Settings) -> dict[str, Identity]:
    arns = (*settings.operator_arns, *settings.break_glass_arns, *settings.deployer_arns)
    return read_identities(SessionClients(settings.region).iam, arns, settings)


def _update(path: Path, matrix: Matrix) -> None:
    """Write what is expected. Whoever this environment does without keeps the lines that the file has of them."""
    before: Expected = {}
    with suppress(SourceError):  # what is missing or cannot be read is written anew
        before = read_expected(path)
    found, kept = with_those_absent(as_expected(matrix), before)
    write_expected(path, found)
    if kept:
        sys.stderr.write(f"kept as they were, since this environment has none: {', '.join(kept)}\n")


def _tell(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{output} cannot be written: {error.strerror}") from None
