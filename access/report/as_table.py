"""The report for a terminal."""

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from access.matrix.cells import Matrix, Target
from access.report.findings import Report
from access.report.rows import ALLOWED, DENIED, LEGEND, in_short, rows, verdict

PLAIN_WIDTH = 200
"""How many columns the report has where no terminal says."""
_STYLES = {ALLOWED: "green", DENIED: "red"}


def as_table(report: Report, terminal_width: int | None = None) -> str:
    """A report with every cell; actions that fare alike share a row.

    Args:
        report: What to tell.
        terminal_width: The columns of the terminal that it goes to, in colours; None for a file or a pipe.
    """
    tables = (*(_whole(report.matrix, target) for target in report.matrix.targets), _elsewhere(report.matrix))
    return _printed(terminal_width, _head(report), *tables, Text(f"\n{LEGEND}", style="dim"), *_foot(report))


def as_short_table(report: Report, terminal_width: int | None = None) -> str:
    """A report with one line a caller: what it may do, and from where. Arguments as of `as_table`."""
    return _printed(terminal_width, _head(report), short_table(report.matrix), *_foot(report))


def short_table(matrix: Matrix) -> Table:
    """One line a caller: what it may do to each queue, and from where."""
    table = _table("", "caller", *(target.title for target in matrix.targets))
    for caller in matrix.callers:
        may = [in_short(matrix, target, caller) for target in matrix.targets]
        table.add_row(Text(caller.label), *(Text(one, style="dim" if one == "nothing" else "") for one in may))
    return table


def _whole(matrix: Matrix, target: Target) -> Table:
    table = _table(f"\n{target.title}", "caller", "action", *(origin.label for origin in matrix.origins))
    seen = None
    for row in rows(matrix, target):
        if seen is not None and seen is not row.caller:
            table.add_section()
        verdicts = [verdict(row.cells.get(origin.label), "\n  ") for origin in matrix.origins]
        texts = (Text(one, style=_STYLES.get(one[:1], "dim")) for one in verdicts)
        table.add_row(Text(row.caller.label if row.caller is not seen else ""), Text(row.what), *texts)
        seen = row.caller
    return table


def _elsewhere(matrix: Matrix) -> Table:
    table = _table("\nelsewhere", "caller", "action", "resource", "statement")
    for one in matrix.elsewhere:
        table.add_row(*map(Text, (one.caller, one.action, one.resource, one.by)))
    return table


def _head(report: Report) -> Text:
    return Text(f"Who may do what in the stack {report.stack}, by {report.source}: {report.headline}", style="bold")


def _foot(report: Report) -> Iterable[RenderableType]:
    yield Text("\nCallers", style="bold")
    for caller in report.matrix.callers:
        yield Text(f"  {caller.label}: {caller.detail}{' (its own policies: assumed)' if caller.assumed else ''}")
    yield Text("\nOrigins", style="bold")
    yield from (Text(f"  {origin.label}: {origin.detail}") for origin in report.matrix.origins)
    if report.notes:
        yield Text("\nAssumed", style="bold")
        yield from (Text(f"  {note}") for note in report.notes)
    yield from _usage(report)
    yield from _proofs(report)
    yield from _differences(report)


def _proofs(report: Report) -> Iterable[RenderableType]:
    if report.proofs:
        yield Text("\nWhat must hold of every request", style="bold")
    for one in report.proofs:
        style = "green" if one.holds else "bold red"
        yield Text(f"  {ALLOWED if one.holds else DENIED} {one.sentence} ({one.verdict})", style=style)
        if one.told:
            yield Text(f"    {one.told}", style="red")


def _differences(report: Report) -> Iterable[RenderableType]:
    if report.differences is None:
        return
    yield Text("\nAgainst the expected matrix", style="bold")
    if not report.differences:
        yield Text(f"  {ALLOWED} every cell is as expected", style="green")
    for one in report.differences:
        yield Text(f"  {DENIED} {one}", style="bold red")


def _usage(report: Report) -> Iterable[RenderableType]:
    for one in report.usage or ():
        yield Text(f"\nWhat {report.role_label(one.role_arn)} used, by {one.calls} calls", style="bold")
        if not one.unused and not one.refused:
            yield Text(f"  {ALLOWED} every grant is used, and nothing was refused", style="green")
        yield from (Text(f"  granted and never used: {grant}", style="yellow") for grant in one.unused)
        yield from (Text(f"  refused: {refusal}", style="red") for refusal in one.refused)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title, style="bold") if title else None, show_edge=False, pad_edge=False)
    table.title_justify = "left"
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    return table


def _printed(terminal_width: int | None, *parts: RenderableType) -> str:
    console = Console(
        file=io.StringIO(),
        width=terminal_width or PLAIN_WIDTH,
        force_terminal=terminal_width is not None,
        highlight=False,
        emoji=False,
    )
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    return captured.get()
