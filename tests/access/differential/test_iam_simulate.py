"""Our evaluator beside iam-simulate, on thousands of cases."""

import pytest

from tests.access.differential import ours
from tests.access.differential.comparison import Comparison
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.generation.cases import case
from tests.access.differential.iam_simulate.differences import KNOWN
from tests.access.differential.verdicts import LONG_RUN_SECONDS, assert_differences_are_known


@pytest.mark.timeout(LONG_RUN_SECONDS)
def test_all_differences_are_known(iam_simulate: Evaluator, case_numbers: range) -> None:
    cases = [case(number) for number in case_numbers]
    assert_differences_are_known(Comparison(ours.answer, iam_simulate, KNOWN), cases, enough=6000)
