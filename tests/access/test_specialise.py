"""What is known of a caller makes a policy's formula simpler, and never another."""

from hypothesis import given, reject, settings

from access.axioms import cases
from access.evaluator import holds
from access.formula import atoms
from access.policy import PolicySet
from access.request import Request
from access.semantics import ruling
from access.specialise import Known, UnresolvedError, specialised
from tests.access import generated

CASES = cases("aws")


def known_of(request: Request) -> Known:
    (case,) = (one for one in CASES if holds(one.formula, request.facts))
    return case.known.and_texts({"aws:resourceaccount": request.resource_account_id, "resource": request.resource})


@settings(max_examples=300, deadline=None)
@given(generated.policy_sets(), generated.requests())
def test_a_formula_says_the_same_when_it_is_simplified(policies: PolicySet, request: Request) -> None:
    known, allowed = known_of(request), ruling(policies).allowed
    try:
        simpler = specialised(allowed, known)
    except UnresolvedError:
        reject()
    assert holds(simpler, request.facts) is holds(allowed, request.facts)
    assert not {atom.fact for atom in atoms(simpler)} & (known.made_of.keys() | known.absent)
