"""The report for a pull request: what differs first, the matrix folded below it."""

from collections.abc import Iterable, Iterator, Sequence

from access.matrix.cells import Matrix, Target
from access.matrix.expected import Difference
from access.report.findings import Report
from access.report.plain import plain, plain_in_html
from access.report.rows import LEGEND, in_short, rows, verdict

MARK_GOOD, MARK_BAD, MARK_NEWS = "✅", "❌", "⚠️"


def as_markdown(report: Report, against_base: Sequence[Difference] | None = None) -> str:
    """A report as GitHub's Markdown.

    Args:
        report: What to tell.
        against_base: What is not as the branch expects that is merged into, told first; None where that was not asked.
    """
    return "\n".join(_lines(report, against_base)) + "\n"


def short_table(matrix: Matrix) -> Iterator[str]:
    """One line a caller: what it may do to each queue, and from where."""
    titles = (target.title for target in matrix.targets)
    body = (
        (caller.label, *(in_short(matrix, target, caller) for target in matrix.targets)) for caller in matrix.callers
    )
    yield from _table(("caller", *titles), body)


def _lines(report: Report, against_base: Sequence[Difference] | None) -> Iterator[str]:
    yield f"## Access: stack {plain(report.stack)}"
    yield from _against_base(against_base)
    yield ""
    yield f"{MARK_GOOD if report.is_good else MARK_BAD} By {plain(report.source)}: {report.headline}."
    yield from _differences(report)
    yield from _proofs(report)
    yield from _usage(report)
    yield from ("", "### Who may do what", "")
    yield from short_table(report.matrix)
    for target in report.matrix.targets:
        yield from _folded(target.title, _matrix(report.matrix, target))
    yield from _folded("Elsewhere", _elsewhere(report.matrix))
    yield from _folded("Callers, origins, assumptions", _legend(report))


def _against_base(differences: Sequence[Difference] | None) -> Iterator[str]:
    if differences is None:
        return
    yield from ("", "### Changed by this pull request", "")
    if differences:
        yield f"{MARK_NEWS} This is not what the base branch expects. Whoever approves it approves this:"
        yield ""
        yield from _difference_table(differences)
    else:
        yield "Nobody could do anything else than the base branch expects."


def _differences(report: Report) -> Iterator[str]:
    if report.differences:
        yield from ("", "### Not as expected", "")
        yield from _difference_table(report.differences)


def _difference_table(differences: Sequence[Difference]) -> Iterator[str]:
    cells = ((one.target, one.caller, one.action, ", ".join(one.origins), one.change) for one in differences)
    yield from _table(("queue", "caller", "action", "origin", "change"), cells)


def _proofs(report: Report) -> Iterator[str]:
    if report.proofs:
        yield from ("", "### What must hold of every request", "")
    for one in report.proofs:
        yield f"- {MARK_GOOD if one.holds else MARK_BAD} {plain(one.sentence)} ({one.verdict})"
        if one.told:
            yield f"  - {plain(one.told)}"


def _usage(report: Report) -> Iterator[str]:
    if report.usage is None:
        return
    yield from ("", "### What is granted and never used, and what was refused", "")
    for one in report.usage:
        said = [f"never used: {each}" for each in one.unused] + [f"refused: {each}" for each in one.refused]
        yield f"- {MARK_BAD if said else MARK_GOOD} {plain(report.role_label(one.role_arn))}, by {one.calls} calls"
        yield from (f"  - {plain(each)}" for each in said)


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
        yield f"- {plain(caller.label)}: {plain(caller.detail)}{assumed}"
    yield ""
    yield from (f"- {plain(one.label)}: {plain(one.detail)}" for one in report.matrix.origins)
    yield ""
    yield from (f"- {plain(note)}" for note in report.notes)


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"<details><summary>{plain_in_html(title)}</summary>", "")
    yield from lines
    yield from ("", "</details>")


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(map(plain, head))} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(plain, cells))} |" for cells in body)
