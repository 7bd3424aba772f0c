from itertools import count

import pytest

from bench.side_by_side import Comparison, compare, compare_seconds


def comparison_of(*ratios: float) -> Comparison:
    return Comparison([1.0] * len(ratios), ratios)


def test_both_run_in_turns_after_each_has_warmed_up_and_take_turns_at_being_first() -> None:
    ran: list[str] = []
    comparison = compare(lambda: ran.append("plain"), lambda: ran.append("other"), pairs=3)
    assert ran == ["plain", "other", "plain", "other", "other", "plain", "plain", "other"]
    assert len(comparison.plain_seconds) == len(comparison.other_seconds) == 3


def test_runs_that_time_themselves_stay_with_their_own_and_warming_up_does_not_count() -> None:
    plain, other = count(10), count(100)
    comparison = compare_seconds(lambda: float(next(plain)), lambda: float(next(other)), pairs=3)
    assert comparison == Comparison([11.0, 12.0, 13.0], [101.0, 102.0, 103.0])


def test_what_counts_is_what_the_timer_says() -> None:
    moments = iter([0.0, 9.0, 0.0, 9.0, 10.0, 12.0, 20.0, 23.0])
    assert compare(lambda: None, lambda: None, pairs=1, timer=lambda: next(moments)) == Comparison([2.0], [3.0])


def test_the_ratio_is_that_of_the_pairs_so_that_a_slow_moment_counts_once() -> None:
    comparison = Comparison(plain_seconds=[1.0, 10.0, 1.0], other_seconds=[1.5, 15.0, 9.0])
    assert comparison.ratio == 1.5


@pytest.mark.parametrize(
    ("pairs", "ranks"),
    # As tables of the sign test have them.
    [(6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (10, (2, 9)), (20, (6, 15)), (50, (18, 33)), (100, (40, 61))],
)
def test_the_interval_lies_between_two_ranks_of_the_pairs(pairs: int, ranks: tuple[int, int]) -> None:
    assert comparison_of(*(float(rank) for rank in range(pairs, 0, -1))).interval == ranks


def test_five_pairs_are_too_few_for_an_interval() -> None:
    assert comparison_of(1.0, 1.0, 1.0, 1.0, 1.0).interval is None
    assert "sure" not in comparison_of(1.0, 1.0).told("without", "with")


def test_a_target_is_met_or_missed_for_sure_only_if_the_whole_interval_says_so() -> None:
    near = comparison_of(0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
    assert near.verdict(1.3) == "met"
    assert near.verdict(1.2) == "met, but too close to be sure"
    assert near.verdict(1.0) == "missed, but too close to be sure"
    assert near.verdict(0.7) == "missed"
    assert comparison_of(0.1).verdict(1.0) == "met, but too close to be sure"


def test_the_figures_are_told_by_name() -> None:
    told = Comparison([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]).told("without", "with")
    assert told.splitlines() == [
        "without  min 1.00 s  median 2.00 s  max 3.00 s",
        "with     min 2.00 s  median 4.00 s  max 6.00 s",
        "ratio 2.00 (median of 3 pairs)",
    ]


def test_the_figures_are_told_for_one_message_beside_what_is_to_be_reached() -> None:
    told = Comparison([0.001, 0.002], [0.001, 0.002]).told("boto3", "ours", messages=10, target=1.2)
    assert told.splitlines() == [
        "boto3  min   100  median   150  max   200 µs a message",
        "ours   min   100  median   150  max   200 µs a message",
        "ratio 1.00 (median of 2 pairs)",
        "target 1.20 at most: met, but too close to be sure",
    ]
