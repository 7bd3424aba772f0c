"""Our evaluator beside MiniStack's own, on thousands of cases that no request could carry to it."""

import pytest

from tests.access.differential import ours
from tests.access.differential.comparison import Comparison
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.generation.cases import case
from tests.access.differential.ministack.differences import KNOWN
from tests.access.differential.ministack.evaluator import understandable
from tests.access.differential.verdicts import assert_differences_are_known

pytestmark = pytest.mark.emulator


def test_all_differences_are_known(ministack: Evaluator, case_numbers: range) -> None:
    cases = [understandable(case(number)) for number in case_numbers]
    assert_differences_are_known(Comparison(ours.answer, ministack, KNOWN), [one for one in cases if one is not None])
