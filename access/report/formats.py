"""The formats that a report comes in."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

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


_RENDERERS: Final[Mapping[Format, Callable[[Report], str]]] = {
    Format.TABLE: as_table,
    Format.SHORT: as_short_table,
    Format.MARKDOWN: as_markdown,
    Format.JSON: as_json,
    Format.HTML: as_html,
}


def render(report: Report, how: Format) -> str:
    """A report as text, ending in a line break."""
    return _RENDERERS[how](report)
