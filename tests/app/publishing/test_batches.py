from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.publishing.batches import MAX_BYTES, MAX_ENTRIES, Outgoing, in_batches
from app.telemetry.trace_context import TraceContext


def sizes(messages: list[Outgoing]) -> list[int]:
    return [len(batch) for batch in in_batches(messages)]


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (30, [10, 10, 10])])
def test_a_batch_has_ten_at_most(count: int, expected: list[int]) -> None:
    assert sizes([Outgoing("x")] * count) == expected


def test_a_batch_has_a_mebibyte_at_most() -> None:
    third = Outgoing("x" * (MAX_BYTES // 3))
    assert sizes([third] * 7) == [3, 3, 1]
    exactly = Outgoing("x" * (MAX_BYTES // 2))
    assert sizes([exactly] * 4) == [2, 2]
    assert sizes([exactly, exactly, Outgoing("x")]) == [2, 1]


def test_bytes_count_and_not_characters() -> None:
    assert Outgoing("ü").size == 2
    assert sizes([Outgoing("ü" * (MAX_BYTES // 4))] * 3) == [2, 1]


def test_one_that_is_too_large_is_by_itself() -> None:
    small, large = Outgoing("x"), Outgoing("x" * (MAX_BYTES + 1))
    assert sizes([small, large, small, small]) == [1, 1, 2]


@given(st.lists(st.sampled_from([1, 100, 2**18, 2**19, 2**20 - 1, 2**20, 2**20 + 1]), max_size=40))
def test_every_batch_fits_is_full_and_all_come_in_their_order(lengths: list[int]) -> None:
    messages = [Outgoing("x" * length) for length in lengths]
    batches = [list(batch) for batch in in_batches(messages)]
    assert [message for batch in batches for message in batch] == messages
    for batch in batches:
        assert 1 <= len(batch) <= MAX_ENTRIES
        assert len(batch) == 1 or sum(each.size for each in batch) <= MAX_BYTES
    for batch, after in pairwise(batches):
        assert len(batch) == MAX_ENTRIES or sum(each.size for each in batch) + after[0].size > MAX_BYTES


def test_what_carries_a_trace_counts_too() -> None:
    trace = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1")
    half = "x" * (MAX_BYTES // 2 - trace.size)
    assert sizes([Outgoing(half, trace=trace)] * 2) == [2]
    assert sizes([Outgoing(half + "x", trace=trace)] * 2) == [1, 1]
