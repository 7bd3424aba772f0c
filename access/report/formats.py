"""The formats that a report comes in."""

from collections.abc import Sequence
from enum import StrEnum

from access.matrix.expected import Difference
from access.report.as_html import as_html
from access.report.as_json import as_json
from access.report.as_markdown import as_markdown
from access.report.as_table import as_short_table, as_table
from access.report.findings import Report


class Format(StrEnum):
    """How a report is told."""

    TABLE = "table"
    SHORT = "short"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


def render(
    report: Report,
    how: Format,
    terminal_width: int | None = None,
    against_base: Sequence[Difference] | None = None,
) -> str:
    """A report as text, ending in a line break.

    Args:
        report: What to tell.
        how: In which format.
        terminal_width: The columns of the terminal that it goes to; None for a file or a pipe.
        against_base: What is not as the branch expects that is merged into; told in Markdown alone.
    """
    match how:
        case Format.TABLE:
            return as_table(report, terminal_width)
        case Format.SHORT:
            return as_short_table(report, terminal_width)
        case Format.MARKDOWN:
            return as_markdown(report, against_base)
        case Format.JSON:
            return as_json(report)
        case Format.HTML:
            return as_html(report)
