"""What is drawn for the comparisons: the same each time, and all that is interesting, often."""

from collections import Counter
from collections.abc import Iterator

from tests.access.differential import ours
from tests.access.differential.case import Answer, Kind, Part
from tests.access.differential.features import features
from tests.access.differential.generation.cases import case
from tests.access.differential.generation.conditions import OPERATORS
from tests.access.differential.generation.vocabulary import Type

COUNTED = range(5000)
OUTCOME = "outcome"


def wanted() -> Iterator[str]:
    operators = {operator.lower() for of_type in OPERATORS.values() for operator in of_type} | {"binaryequals", "null"}
    for operator in sorted(operators):
        yield from (operator, f"{operator}, absent", f"{operator}, present")
    for prefix in ("foranyvalue", "forallvalues"):
        yield from (f"{prefix} plain", f"{prefix} negated", f"{prefix} of 0", f"{prefix} of 1", f"{prefix} of 2")
    yield from ("IfExists, absent", "IfExists, present")
    yield from ("several values to compare with, plain", "several values to compare with, negated")
    yield from ("escape in a condition", "variable in a condition", "variable with a default in a condition")
    yield from ("wildcard in Action", "wildcard in Resource", "variable in Resource")
    yield from ("NotAction", "NotResource", "NotPrincipal", "Allow and Deny", "another account")
    yield from (f"Principal names the caller's {way}" for way in ("anybody", "itself", "issuer", "account"))
    yield from (f"caller: {kind}" for kind in Kind if kind is not Kind.ROOT)
    yield from Part


def test_a_number_is_the_same_case_each_time() -> None:
    assert [str(case(number)) for number in range(50)] == [str(case(number)) for number in range(50)]
    assert len({str(case(number)).partition("\n")[2] for number in range(500)}) > 490


def test_every_outcome_and_every_feature_is_drawn_often() -> None:
    """A feature counts where it allows and where it does not, so that each is tried in both directions."""
    counts: dict[Answer, Counter[str]] = {answer: Counter() for answer in Answer}
    cases = [case(number) for number in COUNTED]
    for one, answer in zip(cases, ours.answer(cases), strict=True):
        counts[answer].update([OUTCOME, *features(one)])
    assert all(counts[answer][OUTCOME] > 0.15 * len(COUNTED) for answer in Answer), counts
    allowed, all_ = counts[Answer.ALLOWED], sum(counts.values(), Counter[str]())
    rare = {
        feature: f"{allowed[feature]} of {all_[feature]} allowed"
        for feature in wanted()
        if allowed[feature] < 4 or all_[feature] - allowed[feature] < 4 or all_[feature] < 20
    }
    assert not rare


def test_every_type_of_key_has_operators() -> None:
    assert set(OPERATORS) == set(Type)
