import threading
from itertools import cycle

import pytest

from app.telemetry.instruments import MOST_SERIES, MOST_VALUES, OTHER, SECONDS, Counter, Description, Histogram, Kind
from app.telemetry.registry import Registry

SENT = Description("sent", Kind.COUNTER, "{message}", "Messages", ("operation", "error"))
TOOK = Description("took", Kind.HISTOGRAM, "s", "Seconds")


def test_nobodys_codes_are_without_end() -> None:
    counter = Counter(SENT)
    for number in range(10 * MOST_SERIES):
        counter.add("send", f"code-{number}")
    counter.add("send", "code-0")
    numbers = counter.read()
    assert len(numbers) == MOST_SERIES + 1
    assert sum(numbers.values()) == 10 * MOST_SERIES + 1
    assert numbers["send", "code-0"] == 2
    assert numbers[OTHER, OTHER] == 9 * MOST_SERIES


def test_nor_are_a_histograms() -> None:
    histogram = Histogram(Description("took", Kind.HISTOGRAM, "s", "", ("error",)))
    for number in range(3 * MOST_SERIES):
        histogram.record(1, f"code-{number}")
    read = histogram.read()
    assert len(read) == MOST_SERIES + 1
    assert sum(read[(OTHER,)].counts) == 2 * MOST_SERIES


def test_no_count_is_lost_between_threads() -> None:
    counter, histogram = Counter(SENT), Histogram(TOOK, lambda: 0.5)

    def count() -> None:
        for _ in range(2000):
            counter.add("send", "")
            histogram.record(1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen = 0
    while any(thread.is_alive() for thread in threads):
        seen += sum(len(spread.newest) for spread in histogram.read().values())
    for thread in threads:
        thread.join()
    seen += sum(len(spread.newest) for spread in histogram.read().values())
    assert counter.read() == {("send", ""): 8000}
    assert sum(histogram.read()[()].counts) == 8000
    assert seen <= 8000


@pytest.mark.parametrize(("seconds", "place"), [(0, 0), (-5, 0), (0.005, 0), (0.0051, 1), (1e12, len(SECONDS))])
def test_a_duration_has_one_place(seconds: float, place: int) -> None:
    histogram = Histogram(TOOK)
    histogram.record(seconds)
    spread = histogram.read()[()]
    assert [number for number, count in enumerate(spread.counts) if count] == [place]
    assert spread.total == max(0, seconds)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_duration_is_left_out(seconds: float) -> None:
    histogram = Histogram(TOOK)
    histogram.record(seconds)
    assert histogram.read() == {}


def test_single_values_are_kept_only_where_they_are_wanted() -> None:
    histogram = Histogram(TOOK)
    histogram.record(1)
    assert list(histogram.read()[()].newest) == []


def test_of_many_values_some_are_chosen_and_all_are_counted() -> None:
    chances = cycle(number / 97 for number in range(97))
    histogram = Histogram(TOOK, lambda: next(chances))
    for number in range(10 * MOST_VALUES):
        histogram.record(number)
    spread = histogram.read()[()]
    assert len(spread.newest) == MOST_VALUES
    assert sum(spread.counts) == 10 * MOST_VALUES
    average = sum(spread.newest) / MOST_VALUES
    assert average == pytest.approx(5 * MOST_VALUES, rel=0.1), "late values have the same chance as early ones"
    assert histogram.read()[()].newest == []


def test_who_asks_for_the_same_instrument_has_the_same() -> None:
    registry = Registry({})
    registry.counter(SENT).add("send", "")
    registry.counter(SENT).add("send", "")
    registry.histogram(TOOK).record(1)
    registry.histogram(TOOK).record(1)
    sent, took = registry.collect()
    assert sent.points == [({"operation": "send"}, 2)]
    assert len(took.points) == 1
