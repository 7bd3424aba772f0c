from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.telemetry.instruments import SECONDS, Description, Kind
from app.telemetry.prometheus import prometheus_port
from app.telemetry.registry import Registry

SENT = Description("messaging.client.sent.messages", Kind.COUNTER, "{message}", "Messages", ("error.type",))
TOOK = Description("messaging.process.duration", Kind.HISTOGRAM, "s", "Seconds")
COMMON = {"messaging.system": "aws_sqs", "messaging.destination.name": "predictions"}

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scrape(port: int) -> Samples:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def registry() -> Registry:
    return Registry(COMMON)


def of_name(samples: Samples, name: str) -> dict[str, float]:
    """By the label that is not common to all."""
    return {
        dict(labels).get("error_type") or dict(labels).get("le") or "": value
        for (found, labels), value in samples.items()
        if found == name
    }


def test_what_prometheus_reads_is_what_was_counted(registry: Registry) -> None:
    counter, histogram = registry.counter(SENT), registry.histogram(TOOK)
    registry.observe_one(Description("retainwise.backlog", Kind.GAUGE, "{message}", "Waiting"), lambda: 7)
    with prometheus_port(registry, {"service.name": "worker"}, address="127.0.0.1", port=0) as port:
        counter.add("", amount=3)
        counter.add('Th"rottled\n\\')
        for value in (0.001, 0.005, 0.3, 1e9):
            histogram.record(value)
        samples = scrape(port)
        assert of_name(samples, "messaging_client_sent_messages_total") == {"": 3, 'Th"rottled\n\\': 1}
        buckets = of_name(samples, "messaging_process_duration_seconds_bucket")
        assert (buckets["0.005"], buckets["0.25"], buckets["0.5"], buckets["+Inf"]) == (2, 2, 3, 4)
        assert len(buckets) == len(SECONDS) + 1
        assert of_name(samples, "messaging_process_duration_seconds_count") == {"": 4}
        assert of_name(samples, "messaging_process_duration_seconds_sum")[""] == pytest.approx(1e9 + 0.306)
        assert of_name(samples, "retainwise_backlog") == {"": 7}
        assert samples["target_info", (("service_name", "worker"),)] == 1
        assert {dict(labels).get("messaging_destination_name") for name, labels in samples if "info" not in name} == {
            "predictions"
        }


def test_counters_go_on_from_one_look_to_the_next(registry: Registry) -> None:
    counter = registry.counter(SENT)
    with prometheus_port(registry, {}, address="127.0.0.1", port=0) as port:
        counter.add("")
        assert of_name(scrape(port), "messaging_client_sent_messages_total") == {"": 1}
        counter.add("")
        assert of_name(scrape(port), "messaging_client_sent_messages_total") == {"": 2}


def test_what_cannot_be_read_hides_nothing_else(registry: Registry) -> None:
    def fails() -> float:
        raise ConnectionError

    registry.observe_one(Description("backlog", Kind.GAUGE, "{message}", "Waiting"), fails)
    registry.counter(SENT).add("")
    with prometheus_port(registry, {}, address="127.0.0.1", port=0) as port:
        assert of_name(scrape(port), "messaging_client_sent_messages_total") == {"": 1}


def test_it_listens_where_it_is_told_and_no_longer_than_it_should(registry: Registry) -> None:
    with prometheus_port(registry, {}, address="127.0.0.1", port=0) as port:
        assert scrape(port)
        with pytest.raises(OSError), prometheus_port(registry, {}, address="127.0.0.1", port=port):  # noqa: PT011 - the system's words
            pass
    with pytest.raises(OSError) as closed:  # noqa: PT011 - as above
        scrape(port)
    assert not isinstance(closed.value, HTTPError)
