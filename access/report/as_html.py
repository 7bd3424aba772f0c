"""The report as one page that needs nothing else: to keep, to send, to search by caller, action and answer."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from access.matrix.cells import Cell, Matrix, Target
from access.report.findings import Report
from access.report.rows import ALLOWED, DENIED, LEGEND, verdict

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } tr[hidden] { display: none; }
th, td { border-bottom: 1px solid #8884; padding: .25rem .5rem; text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: Canvas; }
.allowed { background: #2a82; } .denied { background: #c332; } .bad { color: #c33; } .good { color: #2a8; }
form { display: flex; flex-wrap: wrap; gap: 1rem; position: sticky; bottom: 0; background: Canvas; padding: .75rem 0; }
code { overflow-wrap: anywhere; }
"""
_SCRIPT = """
const form = document.querySelector("form");
const filter = () => {
  const [caller, action] = [form.caller.value, form.action.value].map((text) => text.trim().toLowerCase());
  for (const row of document.querySelectorAll("tr[data-caller]")) {
    row.hidden = !row.dataset.caller.includes(caller) || !row.dataset.action.includes(action)
      || (form.allowed.checked && row.dataset.allowed === "no");
  }
};
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def as_html(report: Report) -> str:
    """A report as an HTML page."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    title = f"Access: stack {report.stack}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(title)}</h1>"
    mood = "good" if report.is_good else "bad"
    yield f'<p class="{mood}">By {escape(report.source)}: {escape(report.headline)}.</p>'
    yield from _differences(report)
    yield from _proofs(report)
    yield from _usage(report)
    yield f"<p>{escape(LEGEND)}</p>"
    for target in report.matrix.targets:
        yield f"<h2>{escape(target.title)}</h2>"
        yield from _matrix(report.matrix, target)
    yield "<h2>elsewhere</h2>"
    yield from _list(f"{one.caller} {one.action} on {one.resource} by {one.by}" for one in report.matrix.elsewhere)
    yield from _legend(report)
    yield '<form><label>Caller <input name="caller" type="search"></label>'
    yield '<label>Action <input name="action" type="search"></label>'
    yield '<label><input name="allowed" type="checkbox"> only what is allowed from somewhere</label></form>'
    yield f"<script>{_SCRIPT}</script></body></html>"


def _differences(report: Report) -> Iterator[str]:
    if report.differences:
        yield "<h2>Not as expected</h2>"
        yield from _list(f"{one.cells} {one.change}" for one in report.differences)


def _proofs(report: Report) -> Iterator[str]:
    if report.proofs:
        yield "<h2>What must hold of every request</h2>"
        yield from _list(
            f"{ALLOWED if one.holds else DENIED} {one.sentence} ({one.verdict}){'' if one.holds else f': {one.told}'}"
            for one in report.proofs
        )


def _usage(report: Report) -> Iterator[str]:
    for one in report.usage or ():
        yield f"<h2>What {escape(report.role_label(one.role_arn))} used, by {one.calls} calls</h2>"
        said = [f"granted and never used: {each}" for each in one.unused] + [f"refused: {each}" for each in one.refused]
        yield from _list(said or ["every grant is used, and nothing was refused"])


def _matrix(matrix: Matrix, target: Target) -> Iterator[str]:
    origins = [origin.label for origin in matrix.origins]
    yield "<table><thead>"
    yield f"<tr>{_cells('th', ('caller', 'action', *origins))}</tr></thead><tbody>"
    for caller in matrix.callers:
        for action, cells in matrix.of(target, caller).items():
            marks = {
                "caller": f"{caller.label} {caller.detail}".lower(),
                "action": action.lower(),
                "allowed": "yes" if any(cell.allowed for cell in cells.values()) else "no",
            }
            data = " ".join(f'data-{name}="{escape(value)}"' for name, value in marks.items())
            answers = "".join(_answer(cells.get(origin)) for origin in origins)
            yield f"<tr {data}>{_cells('td', (caller.label, action))}{answers}</tr>"
    yield "</tbody></table>"


def _answer(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    return (
        f'<td class="{"allowed" if cell.allowed else "denied"}" title="{escape(cell.by)}">{escape(verdict(cell))}</td>'
    )


def _legend(report: Report) -> Iterator[str]:
    yield "<h2>Callers</h2>"
    yield from _list(
        f"{one.label}: {one.detail}{', own policies assumed' if one.assumed else ''}" for one in report.matrix.callers
    )
    yield "<h2>Origins</h2>"
    yield from _list(f"{one.label}: {one.detail}" for one in report.matrix.origins)
    if report.notes:
        yield "<h2>Assumed</h2>"
        yield from _list(report.notes)


def _list(items: Iterable[str]) -> Iterator[str]:
    yield "<ul>"
    yield from (f"<li>{escape(one)}</li>" for one in items)
    yield "</ul>"


def _cells(tag: str, texts: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)
