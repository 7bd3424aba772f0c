"""What a comparison must come to: no difference without a reason, and no reason without a difference."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tests.access.differential.case import Case
from tests.access.differential.comparison import Comparison, Disagreement

SHOWN: Final = 3
LONG_RUN_SECONDS: Final = 7200
"""How long a comparison may take: as many cases are drawn as somebody asks for."""


def assert_differences_are_known(comparison: Comparison, cases: Sequence[Case], *, enough: int) -> None:
    """Compares, and fails with the smallest form of what has no known reason, or with the reasons that are none.

    Args:
        comparison: The two evaluators and what is known of the other.
        cases: What both are asked.
        enough: From how many cases on every known difference must show itself.
    """
    found = comparison.run(cases)
    unexplained = [one for one in found if one.reason is None]
    assert not unexplained, _unexplained(comparison, unexplained, len(cases))
    reasons = Counter(one.reason for one in found)
    idle = [difference.name for difference in comparison.known if not reasons[difference.name]]
    assert not idle or len(cases) < enough, (
        f"{idle} explain nothing any more among {len(cases)} cases: strike them from the table and from"
        f" docs/access-evaluation.md, or draw cases that show them (found: {dict(reasons)})"
    )


def _unexplained(comparison: Comparison, unexplained: Sequence[Disagreement], asked: int) -> str:
    smallest = "\n\n".join(str(comparison.smallest(one.case)) for one in unexplained[:SHOWN])
    return (
        f"{len(unexplained)} differences without a known reason among {asked} cases; the first of them, made small:\n\n"
        f"{smallest}\n\nDecide by AWS's documentation who is right. DIFFERENTIAL_CASES=N:M with a case's number and the"
        " next one compares that case alone."
    )
