"""Our evaluator beside the local stack, by real policies and real requests."""

from collections.abc import Sequence
from math import ceil

import pytest

from tests.access.differential import ours
from tests.access.differential.case import Answer, Caller, Case, Kind, Part, document
from tests.access.differential.comparison import Comparison
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.generation import vocabulary
from tests.access.differential.generation.sendable import context, sendable_case
from tests.access.differential.ministack.local_differences import KNOWN
from tests.access.differential.verdicts import LONG_RUN_SECONDS, assert_differences_are_known

pytestmark = pytest.mark.emulator

SHARE = 4
"""One case in so many is sent: a request takes longer than a question."""

SEND = "sqs:SendMessage"
ROOT, OTHER_ROOT = (
    Caller(Kind.ROOT, f"arn:aws:iam::{owner}:root", owner) for owner in (vocabulary.ACCOUNT, vocabulary.OTHER_ACCOUNT)
)


def whether_allowed(cases: Sequence[Case]) -> list[Answer]:
    """What we say, without the reason of a refusal, which an answer over the wire does not tell for certain."""
    return [one if one is Answer.ALLOWED else Answer.IMPLICIT_DENY for one in ours.answer(cases)]


@pytest.mark.timeout(LONG_RUN_SECONDS)
def test_all_differences_are_known(stack: Evaluator, case_numbers: range) -> None:
    cases = [sendable_case(number) for number in case_numbers[: ceil(len(case_numbers) / SHARE)]]
    comparison = Comparison(whether_allowed, stack, KNOWN, real_requests=True)
    assert_differences_are_known(comparison, cases, enough=1500)


def sending(caller: Caller, **statement: object) -> Case:
    """Somebody sends to a queue whose policy is this statement, or who has none."""
    said = document({"Principal": "*", "Action": SEND, "Resource": vocabulary.QUEUE, **statement})
    policies = {Part.RESOURCE: (said,)} if statement else {}
    keys = context(caller, SEND, through_endpoint=False, plain=False)
    return Case("by hand", caller, SEND, vocabulary.QUEUE, vocabulary.ACCOUNT, keys, policies)


def test_an_anonymous_caller_is_refused_even_by_a_queue_that_is_open_to_everybody(stack: Evaluator) -> None:
    """A fault of MiniStack's, named in docs/access-evaluation.md. When this fails, it has been mended: strike it."""
    case = sending(vocabulary.ANONYMOUS, Effect="Allow")
    assert whether_allowed([case]) == [Answer.ALLOWED]
    assert stack([case]) == [Answer.IMPLICIT_DENY]


def test_a_root_user_obeys_its_queues_policy_and_needs_none(stack: Evaluator) -> None:
    cases = [sending(ROOT), sending(ROOT, Effect="Allow"), sending(ROOT, Effect="Deny")]
    assert whether_allowed(cases) == stack(cases)


def test_another_accounts_root_user_needs_the_queues_policy(stack: Evaluator) -> None:
    cases = [sending(OTHER_ROOT), sending(OTHER_ROOT, Effect="Allow"), sending(OTHER_ROOT, Effect="Deny")]
    assert whether_allowed(cases) == stack(cases)
