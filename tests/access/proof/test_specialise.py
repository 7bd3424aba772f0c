"""What is known of a caller makes a policy's formula simpler, and never another."""

import pytest
from hypothesis import assume, given, settings

from access.documents import Condition
from access.evaluator import holds
from access.meaning.conditions import condition_formula
from access.meaning.formula import FALSE, atoms, is_text
from access.meaning.semantics import ruling
from access.policy import PolicySet
from access.proof.axioms import cases
from access.proof.specialise import Known, specialised, unresolved
from access.request import Request
from tests.access import generated
from tests.access.scene import ACCOUNT, ROLE, WORKER, asks

CASES = cases("aws")


def known_of(request: Request) -> Known:
    (case,) = (one for one in CASES if holds(one.formula, request.facts))
    return case.known.and_texts({"aws:resourceaccount": request.resource_account_id, "resource": request.resource})


@settings(max_examples=150, deadline=None)
@given(generated.policy_sets(), generated.requests())
def test_a_formula_says_the_same_when_it_is_simplified(policies: PolicySet, request: Request) -> None:
    known, allowed = known_of(request), ruling(policies).allowed
    simpler = specialised(allowed, known)
    assume(not unresolved(atom.fact for atom in atoms(simpler)))
    assert holds(simpler, request.facts) is holds(allowed, request.facts)
    assert not {atom.fact for atom in atoms(simpler)} & (known.made_of.keys() | known.absent)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (ROLE, "account, path and name"),
        ("arn:aws:iam::999:role/team/worker", "never"),
        (ROLE.replace("arn:aws:", "arn:aws-cn:"), "never"),
        (ROLE.replace(":role/", ":user/"), "never"),
    ],
)
def test_a_roles_arn_is_said_of_its_parts(pattern: str, expected: str) -> None:
    simpler = specialised(is_text("aws:principalarn", pattern), known_of(asks(WORKER)))
    asked = {atom.fact for atom in atoms(simpler)}
    parts = {"aws:principalaccount", "principal.path", "principal.name"}
    assert asked == (parts if expected != "never" else set())
    assert (simpler == FALSE) is (expected == "never")


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("arnlike", "arn:aws:iam::123456789012:${aws:team}/worker"),
        ("arnlike", "arn:aws:iam::123456789012:role/${aws:team}"),
        ("arnlike", "arn:aws:${aws:team}::123456789012:role/*"),
        ("arnlike", "${aws:team}"),
        ("stringlike", "*${aws:team}*"),
        ("stringlike", "arn:aws:iam::${aws:team}"),
    ],
)
def test_a_variable_that_may_fall_on_several_parts_is_not_guessed(operator: str, value: str) -> None:
    formula = condition_formula(Condition(operator, "aws:principalarn", (value,)), variables=True)
    (reason,) = unresolved(atom.fact for atom in atoms(specialised(formula, known_of(asks(WORKER))))).values()
    assert reason.startswith("the value of aws:team is compared with")


def test_a_variable_in_the_accounts_place_is_compared_with_the_account() -> None:
    value = "arn:aws:iam::${aws:team}:role/team/*"
    formula = condition_formula(Condition("arnlike", "aws:principalarn", (value,)), variables=True)
    for team, expected in ((ACCOUNT, True), ("1", False)):
        request = asks(WORKER, context={"aws:team": (team,)})
        assert holds(specialised(formula, known_of(request)), request.facts) is expected
