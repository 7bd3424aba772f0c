"""What the solver is told is what the evaluator does: with every fact given, it can only agree."""

from hypothesis import given, settings
from hypothesis import strategies as st

from access.documents import Condition
from access.evaluator import holds
from access.meaning.conditions import condition_formula
from access.meaning.formula import Formula, Not, every, is_text
from access.meaning.semantics import ruling
from access.policy import PolicySet
from access.proof import smt
from access.proof.shape import Shape
from access.proof.smt import Answer
from access.proof.symbolic import SymbolicRequest
from access.request import Request
from tests.access import generated

SECONDS = 60.0


def wide_enough(formula: Formula, request: Request) -> Shape:
    """A shape with slots for all that the request has."""
    shape = Shape.of([formula])
    slots = {fact: max(slots, len(request.facts.get(fact, ()))) for fact, slots in shape.slots.items()}
    return Shape(slots, shape.measures)


def possible(formula: Formula, request: Request) -> bool:
    """Whether the solver thinks that the formula can be true of this request."""
    symbol = SymbolicRequest(wide_enough(formula, request))
    answer, _ = smt.ask((symbol.well_formed, symbol.given(request.facts), symbol.truth(formula)), seconds=SECONDS)
    assert answer is not Answer.UNKNOWN
    return answer is Answer.SATISFIABLE


@settings(max_examples=100, deadline=None)
@given(generated.policy_sets(), generated.requests())
def test_solver_and_evaluator_agree_on_every_policy_and_request(policies: PolicySet, request: Request) -> None:
    allowed = ruling(policies).allowed
    assert possible(allowed, request) is holds(allowed, request.facts)


@settings(max_examples=150, deadline=None)
@given(
    conditions=st.lists(generated.conditions(), min_size=1, max_size=3),
    request=generated.requests(),
    variables=st.booleans(),
)
def test_solver_and_evaluator_agree_on_every_condition(
    conditions: list[tuple[str, str, list[str]]], request: Request, *, variables: bool
) -> None:
    formula = every(
        *(
            condition_formula(Condition(operator.lower(), key, tuple(values)), variables=variables)
            for operator, key, values in conditions
        )
    )
    assert possible(formula, request) is holds(formula, request.facts)


@settings(max_examples=60, deadline=None)
@given(generated.policy_sets(), generated.requests())
def test_no_request_is_lost_by_having_few_slots(policies: PolicySet, request: Request) -> None:
    """What the facts that have one value leave open, the solver finds wherever a request shows that it can be."""
    allowed = ruling(policies).allowed
    formula = allowed if holds(allowed, request.facts) else Not(allowed)
    known = every(formula, *(is_text(fact, values[0]) for fact, values in request.facts.items() if ":" not in fact))
    symbol = SymbolicRequest(Shape.of([known]))
    answer, _ = smt.ask((symbol.well_formed, symbol.truth(known)), seconds=SECONDS)
    assert answer is Answer.SATISFIABLE
