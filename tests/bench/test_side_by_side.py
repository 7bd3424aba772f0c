from bench.side_by_side import Comparison, compare


def test_both_run_in_turns_after_each_has_warmed_up() -> None:
    ran: list[str] = []
    comparison = compare(lambda: ran.append("plain"), lambda: ran.append("other"), pairs=3)
    assert ran == ["plain", "other"] * 4
    assert len(comparison.plain_seconds) == len(comparison.other_seconds) == 3


def test_the_ratio_is_that_of_the_pairs_so_that_a_slow_moment_counts_once() -> None:
    comparison = Comparison(plain_seconds=[1.0, 10.0, 1.0], other_seconds=[1.5, 15.0, 9.0])
    assert comparison.ratio == 1.5


def test_the_figures_are_told_by_name() -> None:
    told = Comparison([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]).told("without", "with")
    assert told.splitlines() == [
        "without  min 1.00 s  median 2.00 s  max 3.00 s",
        "with     min 2.00 s  median 4.00 s  max 6.00 s",
        "ratio 2.00 (median of 3 pairs)",
    ]
