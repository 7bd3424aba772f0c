"""The comparison itself: what it notices, what it excuses, what it says."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from tests.access.differential import ours
from tests.access.differential.case import Answer, Case, Part, Statement, document
from tests.access.differential.comparison import SEVERAL_AT_ONCE, Comparison, Difference
from tests.access.differential.documented import not_principal, owners_alone
from tests.access.differential.evaluator import Evaluator
from tests.access.differential.generation import vocabulary
from tests.access.differential.generation.cases import case
from tests.access.differential.rewriting import Condition, never, with_conditions
from tests.access.differential.verdicts import assert_differences_are_known

CASES = [case(number) for number in range(400)]


def difference(name: str, rewrite: Callable[[Case], Case]) -> Difference:
    return Difference(name, "https://docs.aws.amazon.com/", "…", "…", rewrite)


def answering(change: Callable[[Case], Case]) -> Evaluator:
    """An evaluator with a fault: it answers as ours does, about cases that it has read wrongly."""
    return lambda cases: ours.answer([change(one) for one in cases])


def deaf_to_not_principal(one: Case) -> Case:
    def change(_part: Part, statement: Statement) -> Statement:
        return never({**statement, "Principal": "*"}) if "NotPrincipal" in statement else statement

    changed = one.rewritten(change)
    return changed.rewritten(lambda _part, said: {key: value for key, value in said.items() if key != "NotPrincipal"})


def deaf_to_if_exists(one: Case) -> Case:
    return with_conditions(one, lambda said: said.of(operator=said.operator.removesuffix("IfExists")))


def test_an_evaluator_that_is_right_differs_nowhere() -> None:
    assert not Comparison(ours.answer, ours.answer, []).run(CASES)


@pytest.mark.parametrize("deaf", [deaf_to_not_principal, deaf_to_if_exists])
def test_a_fault_is_noticed_and_shown_small(deaf: Callable[[Case], Case]) -> None:
    with pytest.raises(AssertionError, match="without a known reason") as caught:
        assert_differences_are_known(Comparison(ours.answer, answering(deaf), []), CASES, enough=1)
    said = str(caught.value)
    assert "we say: " in said
    assert said.count('"Effect"') <= 6


def test_a_known_fault_is_excused() -> None:
    known = [difference("NotPrincipal", not_principal)]
    assert_differences_are_known(Comparison(ours.answer, answering(deaf_to_not_principal), known), CASES, enough=1)


def test_a_known_fault_does_not_excuse_another() -> None:
    both = answering(lambda one: deaf_to_if_exists(deaf_to_not_principal(one)))
    found = Comparison(ours.answer, both, [difference("NotPrincipal", not_principal)]).run(CASES)
    assert {one.reason for one in found} == {"NotPrincipal", None}


def test_two_known_faults_may_meet_in_one_case() -> None:
    """Each alone keeps the other evaluator from seeing that the statement denies."""
    stranger = vocabulary.SESSIONS[1]
    denies = {"Effect": "Deny", "NotPrincipal": {"AWS": stranger.arn}, "Action": "*", "Resource": "*"}
    unless_elsewhere = {"StringEqualsIfExists": {"aws:SourceVpc": ["vpc-1"]}}
    policy = document({**denies, "Condition": unless_elsewhere})
    caller = vocabulary.SESSIONS[0]
    one = Case("", caller, "sqs:SendMessage", vocabulary.QUEUE, vocabulary.ACCOUNT, {}, {Part.RESOURCE: (policy,)})

    def without_if_exists(case: Case) -> Case:
        def change(said: Condition) -> Condition | bool:
            return True if said.if_exists and not case.holds(said.key) else said

        return with_conditions(case, change)

    both = answering(lambda case: deaf_to_if_exists(deaf_to_not_principal(case)))
    known = [difference("NotPrincipal", not_principal), difference("IfExists", without_if_exists)]
    [found] = Comparison(ours.answer, both, known).run([one])
    assert found.reason == SEVERAL_AT_ONCE


def test_a_reason_that_explains_nothing_fails() -> None:
    known = [difference("owner's actions", owners_alone)]
    with pytest.raises(AssertionError, match="explain nothing any more"):
        assert_differences_are_known(Comparison(ours.answer, ours.answer, known), CASES, enough=1)


def test_a_reason_must_not_change_what_we_say() -> None:
    def forget_everything(one: Case) -> Case:
        return replace(one, policies={})

    def refuse(cases: Sequence[Case]) -> list[Answer]:
        return [Answer.IMPLICIT_DENY for _ in cases]

    found = Comparison(ours.answer, refuse, [difference("all forgotten", forget_everything)]).run(CASES)
    assert found
    assert {one.reason for one in found} == {None}
