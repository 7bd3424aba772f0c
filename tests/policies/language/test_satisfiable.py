from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from access.documents import Condition
from access.evaluator import holds
from access.meaning.conditions import condition_formula
from policies.language.satisfiable import can_hold_together

TEXTS = st.text(alphabet="ab", max_size=2)
PATTERNS = st.text(alphabet="ab*?", max_size=3)
NUMBERS = st.integers(-2, 4).map(str)
SPELLINGS = ["".join(letters) for size in range(3) for letters in product("abAB", repeat=size)]
WORDS = [*SPELLINGS, "aaa", "abb", "bab", "c"]
HALVES = [str(number / 2) for number in range(-8, 13)]


def _conditions(operators: list[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[list[Condition]]:
    several = st.lists(values, min_size=1, max_size=2).map(tuple)
    presence = st.builds(Condition, st.just("null"), st.just("a:key"), st.sampled_from([("true",), ("false",)]))
    return st.lists(
        st.builds(Condition, st.sampled_from(operators), st.just("a:key"), several) | presence, min_size=1, max_size=3
    )


def _some_holds(conditions: list[Condition], values: list[str]) -> bool:
    formulas = [condition_formula(one, variables=True) for one in conditions]
    tried: list[tuple[str, ...]] = [(), *((value,) for value in values)]
    return any(all(holds(formula, {"a:key": of_key}) for formula in formulas) for of_key in tried)


@given(_conditions(["stringequals", "stringnotequals", "stringequalsignorecase", "stringequalsifexists"], TEXTS))
@example([Condition("stringnotequals", "a:key", ("a",)), Condition("stringequalsignorecase", "a:key", ("a",))])
def test_listed_texts_are_decided_both_ways(conditions: list[Condition]) -> None:
    assert can_hold_together(conditions, variables=True) == _some_holds(conditions, WORDS)


@given(_conditions(["stringlike", "stringnotlike", "stringequals", "stringlikeifexists"], PATTERNS))
def test_patterns_are_never_called_contradictory_when_a_text_fits(conditions: list[Condition]) -> None:
    if _some_holds(conditions, WORDS):
        assert can_hold_together(conditions, variables=True)


COMPARISONS = [
    "equals",
    "notequals",
    "lessthan",
    "lessthanequals",
    "greaterthan",
    "greaterthanequals",
    "lessthanifexists",
]
NUMERIC = [f"numeric{one}" for one in COMPARISONS]


@given(_conditions(NUMERIC, NUMBERS))
def test_numbers_are_decided_both_ways(conditions: list[Condition]) -> None:
    assert can_hold_together(conditions, variables=True) == _some_holds(conditions, HALVES)


@given(_conditions(["bool", "boolifexists"], st.sampled_from(["true", "false"])))
def test_a_key_that_is_always_there_cannot_help_by_being_absent(conditions: list[Condition]) -> None:
    formulas = [condition_formula(one, variables=True) for one in conditions]
    present = any(all(holds(one, {"a:key": (value,)}) for one in formulas) for value in ("true", "false"))
    assert can_hold_together(conditions, variables=True, always=True) == present
