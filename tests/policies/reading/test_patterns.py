import itertools

from hypothesis import given
from hypothesis import strategies as st

from access.documents import matches
from policies.reading.patterns import covers, overlap

TEXTS = ["".join(one) for length in range(5) for one in itertools.product("ab", repeat=length)]
PATTERNS = st.text(alphabet="ab*?", max_size=4)


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_where_a_text_matches_both(one: str, other: str) -> None:
    # Two patterns of four characters that share a text share one of eight at most; `*` can be cut to nothing or more.
    longer = [*TEXTS, *(f"{left}{right}" for left in TEXTS for right in TEXTS if len(left) == 4)]
    assert overlap(one, other) == any(matches(one, text) and matches(other, text) for text in longer)


@given(PATTERNS, PATTERNS)
def test_a_pattern_that_covers_another_matches_all_that_it_matches(wide: str, narrow: str) -> None:
    if covers(wide, narrow):
        assert all(matches(wide, text) for text in TEXTS if matches(narrow, text))


@given(PATTERNS)
def test_a_pattern_covers_itself_and_any_covers_it(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("*", pattern)
