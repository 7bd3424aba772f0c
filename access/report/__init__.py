"""What was found out about access, told to a person, a pull request or a program."""

from access.report.findings import Report
from access.report.formats import Format, render

__all__ = ["Format", "Report", "render"]
