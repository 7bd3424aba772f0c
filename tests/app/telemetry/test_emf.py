import json

import jsonschema
import pytest

from app.telemetry.emf import Deltas, Heading, emf_lines
from app.telemetry.instruments import Counter, Description, Histogram, Kind
from app.telemetry.registry import Registry
from tests.app.doubles.emf import Seen, read

HEADING = Heading("RetainWise", {"service.name": "worker"}, {"messaging.system": "aws_sqs"})
SENT = Description("sent", Kind.COUNTER, "{message}", "Messages", ("error.type",))
TOOK = Description("took", Kind.HISTOGRAM, "s", "Seconds", ("outcome",))
IS_ON = Description("on", Kind.GAUGE, "1", "Whether")


@pytest.fixture
def registry() -> Registry:
    return Registry({"messaging.system": "aws_sqs"}, lambda: 0.999999)


@pytest.fixture
def deltas() -> Deltas:
    return Deltas()


def lines(registry: Registry, deltas: Deltas, heading: Heading = HEADING) -> list[str]:
    return list(emf_lines(registry.collect(), deltas, heading, 1_772_366_400_000))


def seen(registry: Registry, deltas: Deltas) -> list[Seen]:
    return [each for line in lines(registry, deltas) for each in read(line)]


def sent(registry: Registry) -> Counter:
    return registry.counter(SENT)


def took(registry: Registry) -> Histogram:
    return registry.histogram(TOOK)


def test_a_line_is_what_aws_specifies(registry: Registry, deltas: Deltas) -> None:
    sent(registry).add("Throttled", amount=3)
    took(registry).record(0.25, "completed")
    registry.observe_one(IS_ON, lambda: 1)
    assert seen(registry, deltas) == [
        Seen("sent", "Count", {"service.name": "worker", "error.type": "Throttled"}, [3]),
        Seen("took", "Seconds", {"service.name": "worker", "outcome": "completed"}, [0.25]),
        Seen("on", "None", {"service.name": "worker"}, [1]),
    ]


def test_what_has_the_same_dimensions_shares_a_line(registry: Registry, deltas: Deltas) -> None:
    sent(registry).add("")
    registry.observe_one(IS_ON, lambda: 0)
    (line,) = lines(registry, deltas)
    assert {each.name for each in read(line)} == {"sent", "on"}
    assert json.loads(line)["messaging.system"] == "aws_sqs"
    assert json.loads(line)["_aws"]["Timestamp"] == 1_772_366_400_000


def test_counters_are_told_by_what_they_grew(registry: Registry, deltas: Deltas) -> None:
    counter = sent(registry)
    counter.add("", amount=5)
    assert [each.values for each in seen(registry, deltas)] == [[5]]
    counter.add("", amount=2)
    assert [each.values for each in seen(registry, deltas)] == [[2]]
    assert seen(registry, deltas) == []


def test_values_are_told_once(registry: Registry, deltas: Deltas) -> None:
    histogram = took(registry)
    histogram.record(1.5, "failed")
    assert [each.values for each in seen(registry, deltas)] == [[1.5]]
    histogram.record(2.5, "failed")
    assert [each.values for each in seen(registry, deltas)] == [[2.5]]


def test_gauges_are_told_each_time(registry: Registry, deltas: Deltas) -> None:
    registry.observe_one(IS_ON, lambda: 0)
    assert seen(registry, deltas) == seen(registry, deltas) != []


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_no_line_has_more_values_than_may_be(registry: Registry, deltas: Deltas, count: int) -> None:
    histogram = took(registry)
    for number in range(count):
        histogram.record(number, "completed")
    found = seen(registry, deltas)
    assert [value for each in found for value in each.values] == list(range(count))
    assert len(found) == -(-count // 100)


@pytest.mark.parametrize("count", [100, 101, 230])
def test_no_line_has_more_metrics_than_may_be(registry: Registry, deltas: Deltas, count: int) -> None:
    for number in range(count):
        registry.observe_one(Description(f"gauge.{number}", Kind.GAUGE, "1", ""), lambda: 1)
    assert len(lines(registry, deltas)) == -(-count // 100)
    assert len({each.name for each in seen(registry, deltas)}) == count


def test_the_fullest_line_is_taken(registry: Registry, deltas: Deltas) -> None:
    for number in range(100):
        histogram = registry.histogram(Description(f"histogram.{number}", Kind.HISTOGRAM, "s", ""))
        for value in range(100):
            histogram.record(1 / 3 + value * 1.000007)
    assert len(lines(registry, deltas)) == 1
    assert len(seen(registry, deltas)) == 0


def test_an_endless_name_is_cut(registry: Registry, deltas: Deltas) -> None:
    sent(registry).add("x" * 5000)
    (found,) = seen(registry, deltas)
    assert len(found.dimensions["error.type"]) == 1024


def test_what_is_no_number_is_left_out(registry: Registry, deltas: Deltas) -> None:
    registry.observe_one(IS_ON, lambda: float("nan"))
    registry.observe_one(Description("age", Kind.GAUGE, "s", ""), lambda: float("inf"))
    took(registry).record(float("nan"), "completed")
    assert seen(registry, deltas) == []


@pytest.mark.parametrize(
    ("word", "told"), [('a\nb"c', 'a?b"c'), ("Prädiktion\x7f", "Pr?diktion?"), ("🙂", "?"), (" \t", " ?"), (" ", "?")]
)
def test_dimensions_are_such_as_cloudwatch_takes(registry: Registry, deltas: Deltas, word: str, told: str) -> None:
    sent(registry).add(word)
    (found,) = seen(registry, deltas)
    assert found.dimensions["error.type"] == told


@pytest.mark.parametrize(
    "line",
    [
        '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[],"Metrics":[{"Name":"a"}]}]},"a":1}',
        '{"_aws":{"Timestamp":1.5,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[{"Name":"a"}]}]},"a":1}',
        '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"","Dimensions":[[]],"Metrics":[{"Name":"a"}]}]},"a":1}',
    ],
)
def test_the_judge_of_lines_can_refuse(line: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        read(line)


def test_the_judge_of_lines_wants_numbers() -> None:
    start = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[{"Name":"a"}]}]}'
    assert read(start + ',"a":[1,2]}')
    for value in ('"1"', '{"Values":[1],"Counts":[1]}', "[]", "true", "NaN"):
        with pytest.raises(AssertionError):
            read(f'{start},"a":{value}}}')
