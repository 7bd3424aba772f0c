"""Our evaluator beside MiniStack's own, on thousands of cases that no request could carry to it."""

import pytest

from tests.access.differential import ours
from tests.access.differential.comparison import Comparison
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.generation.cases import case
from tests.access.differential.ministack.differences import KNOWN
from tests.access.differential.ministack.evaluator import understandable
from tests.access.differential.verdicts import LONG_RUN_SECONDS, assert_differences_are_known

pytestmark = pytest.mark.emulator


@pytest.mark.timeout(LONG_RUN_SECONDS)
def test_all_differences_are_known(ministack: Evaluator, case_numbers: range) -> None:
    cases = [one for number in case_numbers if (one := understandable(case(number))) is not None]
    assert_differences_are_known(Comparison(ours.answer, ministack, KNOWN), cases, enough=5000)
