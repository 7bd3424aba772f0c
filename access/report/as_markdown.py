"""The report for a pull request: what differs first, the matrix folded below it."""

from collections.abc import Iterable, Iterator, Sequence

from access.matrix.cells import Matrix, Target
from access.report.findings import Report
from access.report.rows import LEGEND, in_short, rows, verdict

MARK_GOOD, MARK_BAD = "✅", "❌"


def as_markdown(report: Report) -> str:
    """A report as GitHub's Markdown."""
    return "\n".join(_lines(report)) + "\n"


def short_table(matrix: Matrix) -> Iterator[str]:
    """One line a caller: what it may do to each queue, and from where."""
    titles = (target.title for target in matrix.targets)
    body = (
        (caller.label, *(in_short(matrix, target, caller) for target in matrix.targets)) for caller in matrix.callers
    )
    yield from _table(("caller", *titles), body)


def _lines(report: Report) -> Iterator[str]:
    yield f"## Access: stack {_escaped(report.stack)}"
    yield ""
    yield f"{MARK_GOOD if report.is_good else MARK_BAD} By {_escaped(report.source)}: {report.headline}."
    yield from _differences(report)
    yield from _proofs(report)
    yield from _usage(report)
    yield from ("", "### Who may do what", "")
    yield from short_table(report.matrix)
    for target in report.matrix.targets:
        yield from _folded(target.title, _matrix(report.matrix, target))
    yield from _folded("Elsewhere", _elsewhere(report.matrix))
    yield from _folded("Callers, origins, assumptions", _legend(report))


def _differences(report: Report) -> Iterator[str]:
    if report.differences:
        yield from ("", "### Not as expected", "")
        cells = ((one.target, one.caller, one.action, ", ".join(one.origins), one.change) for one in report.differences)
        yield from _table(("queue", "caller", "action", "origin", "change"), cells)


def _proofs(report: Report) -> Iterator[str]:
    if report.proofs:
        yield from ("", "### What must hold of every request", "")
    for one in report.proofs:
        yield f"- {MARK_GOOD if one.holds else MARK_BAD} {_escaped(one.sentence)} ({one.verdict})"
        if one.told:
            yield f"  - {_escaped(one.told)}"


def _usage(report: Report) -> Iterator[str]:
    if report.usage is None:
        return
    yield from ("", "### What is granted and never used, and what was refused", "")
    for one in report.usage:
        said = [f"never used: {each}" for each in one.unused] + [f"refused: {each}" for each in one.refused]
        yield f"- {MARK_BAD if said else MARK_GOOD} {_escaped(report.role_label(one.role_arn))}, by {one.calls} calls"
        yield from (f"  - {_escaped(each)}" for each in said)


def _matrix(matrix: Matrix, target: Target) -> Iterator[str]:
    head = ("caller", "action", *(origin.label for origin in matrix.origins))
    yield from _table(
        head,
        (
            (row.caller.label, row.what, *(verdict(row.cells.get(origin.label)) for origin in matrix.origins))
            for row in rows(matrix, target)
        ),
    )


def _elsewhere(matrix: Matrix) -> Iterator[str]:
    yield from _table(
        ("caller", "action", "resource", "statement"),
        ((one.caller, one.action, one.resource, one.by) for one in matrix.elsewhere),
    )


def _legend(report: Report) -> Iterator[str]:
    yield from (LEGEND, "")
    for caller in report.matrix.callers:
        assumed = ", own policies assumed" if caller.assumed else ""
        yield f"- {_escaped(caller.label)}: {_escaped(caller.detail)}{assumed}"
    yield ""
    yield from (f"- {_escaped(one.label)}: {_escaped(one.detail)}" for one in report.matrix.origins)
    yield ""
    yield from (f"- {_escaped(note)}" for note in report.notes)


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"<details><summary>{_escaped(title)}</summary>", "")
    yield from lines
    yield from ("", "</details>")


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(_escaped, cells))} |" for cells in body)


def _escaped(text: str) -> str:
    """Text in which nothing means anything to Markdown or HTML, on one line."""
    marked = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    return "".join(f"\\{one}" if one in "|*_`[]\\" else one for one in marked)
