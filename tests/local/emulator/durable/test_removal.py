from hypothesis import given
from hypothesis import strategies as st

from local.emulator.durable.removal import removed


@given(st.lists(st.booleans(), max_size=40))
def test_exactly_the_others_are_found(is_kept: list[bool]) -> None:
    present = [{"like": "all others"} for _ in is_kept]
    kept = [each for each, keep in zip(present, is_kept, strict=True) if keep]
    others = [each for each, keep in zip(present, is_kept, strict=True) if not keep]
    assert [id(each) for each in removed(present, kept)] == [id(each) for each in others]
