from hypothesis import given
from hypothesis import strategies as st

from app.bounded import bounded


@given(st.text(alphabet=st.characters(), max_size=400), st.integers(1, 300))
def test_is_bounded_printable_and_encodable(text: str, limit: int) -> None:
    shown = bounded(text, limit)
    assert shown.isprintable()
    shown.encode()
    assert len(shown) <= limit * len("\\U0010ffff") + len("… (400 more)")


def test_leaves_ordinary_text_alone_and_says_what_it_cut() -> None:
    assert bounded("Grüße, 日本") == "Grüße, 日本"
    assert bounded("abcdef", 4) == "abcd… (2 more)"
    assert bounded("a\nb\x1b[2J\ud800\u202e") == "a\\nb\\x1b[2J\\ud800\\u202e"
