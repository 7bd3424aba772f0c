"""docs/access-evaluation.md names every known difference, and no other."""

import re

from local.paths import PROJECT
from tests.access.differential.iam_simulate import differences as of_iam_simulate
from tests.access.differential.ministack import differences as of_ministack
from tests.access.differential.ministack import local_differences as of_local_stack

DOCUMENT = PROJECT / "docs" / "access-evaluation.md"
BY_HAND = "anonymous caller"
"""The one that a test of its own shows, in test_local_stack.py."""


def rows(heading: str) -> list[str]:
    """The rows of the table under a heading, without its head."""
    [section] = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def test_every_difference_from_iam_simulate_is_named() -> None:
    assert rows("Differences from iam-simulate") == [one.row for one in of_iam_simulate.KNOWN]


def test_every_difference_from_ministack_is_named() -> None:
    assert rows("Differences from MiniStack's evaluator") == [one.row for one in of_ministack.KNOWN]


def test_every_further_difference_from_the_local_stack_is_named() -> None:
    further = [one.row for one in of_local_stack.KNOWN if one not in of_ministack.KNOWN]
    *named, by_hand = rows("Differences from the local stack")
    assert named == further
    assert by_hand.startswith(f"| {BY_HAND} |")
