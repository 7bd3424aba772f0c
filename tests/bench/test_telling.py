import argparse

import pytest

from bench.telling import positive


def test_numbers_from_one_on_are_taken() -> None:
    assert [positive(text) for text in ("1", "80")] == [1, 80]


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "many", "²"])
def test_anything_else_is_refused_and_named(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number from 1 on"):
        positive(text)
