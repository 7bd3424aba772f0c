from hypothesis import given
from hypothesis import strategies as st

from app.backoff import backoff_seconds


def test_doubles_and_is_bounded() -> None:
    waits = [backoff_seconds(failures, first=10, most=100, random=lambda: 1.0) for failures in range(1, 7)]
    assert waits == [10, 20, 40, 80, 100, 100]


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_is_spread_over_the_upper_half(failures: int, chance: float) -> None:
    whole = min(900, 10 * 2 ** min(failures - 1, 60))
    assert whole / 2 <= backoff_seconds(failures, first=10, most=900, random=lambda: chance) <= whole
