"""The matrix in the documentation is the one that the policies give."""

import re
from pathlib import Path

from access.matrix.cells import build
from access.report.as_markdown import short_table
from tests.access.sound import SETTINGS, deployed

DOCUMENT = Path(__file__).parents[2] / "docs" / "access.md"
MADE = re.compile(r"<!-- Made by .*?-->\n(.*?)\n<!-- End of what is made. -->", re.DOTALL)


def test_the_documented_matrix_is_the_one_that_the_policies_give() -> None:
    found = MADE.search(DOCUMENT.read_text())
    assert found
    assert found[1] == "\n".join(short_table(build(deployed(), SETTINGS))), f"put this into {DOCUMENT.name} instead"
