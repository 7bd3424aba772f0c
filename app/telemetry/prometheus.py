"""The metrics for Prometheus, which comes and asks for them."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from app.telemetry.instruments import SECONDS, Kind, Spread
from app.telemetry.registry import Family, Registry

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_]")
_UNITS = {"s": "_seconds", "By": "_bytes"}
_BOUNDS = [*(f"{float(bound)!r}" for bound in SECONDS), "+Inf"]


class PrometheusCollector(Collector):
    """Answers Prometheus. Names are OpenTelemetry's, by its rules for Prometheus: dots become underscores.

    See https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.

    Args:
        registry: The instruments.
        target: What the process says of itself, as `target_info`.
    """

    def __init__(self, registry: Registry, target: Mapping[str, str]) -> None:
        self._registry = registry
        self._target = target
        self._lock = threading.Lock()

    def describe(self) -> Iterable[Metric]:
        """Nothing: to tell names beforehand would mean to collect once more."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """What all instruments say now; one who asks waits for the other."""
        with self._lock:
            families = self._registry.collect()
        info = GaugeMetricFamily("target_info", "What the process says of itself", labels=_labels(self._target))
        info.add_metric(list(self._target.values()), 1)
        yield info
        for family in families:
            yield _metric(family, self._registry.common)


@contextmanager
def prometheus_port(registry: Registry, target: Mapping[str, str], *, address: str, port: int) -> Iterator[int]:
    """Answer `GET /metrics` within.

    Args:
        registry: The instruments.
        target: What the process says of itself.
        address: The address to listen on.
        port: The port; 0 for any that is free.

    Yields:
        The port.

    Raises:
        OSError: The port cannot be had.
    """
    answers = CollectorRegistry(auto_describe=False)
    answers.register(PrometheusCollector(registry, target))
    server, thread = start_http_server(port, address, answers)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _metric(family: Family, common: Mapping[str, str]) -> Metric:
    description = family.description
    name = _NOT_IN_NAMES.sub("_", description.name) + _UNITS.get(description.unit, "")
    names = (*common, *description.attributes)
    if description.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(name, description.meaning, labels=_labels(names))
        for attributes, number in family.points:
            if isinstance(number, Spread):
                buckets = list(zip(_BOUNDS, accumulate(number.counts), strict=True))
                histogram.add_metric(_values(names, common, attributes), buckets, number.total)
        return histogram
    of_kind = CounterMetricFamily if description.kind is Kind.COUNTER else GaugeMetricFamily
    metric = of_kind(name, description.meaning, labels=_labels(names))
    for attributes, number in family.points:
        if not isinstance(number, Spread):
            metric.add_metric(_values(names, common, attributes), number)
    return metric


def _labels(names: Iterable[str]) -> list[str]:
    return [_NOT_IN_NAMES.sub("_", name) for name in names]


def _values(names: Iterable[str], common: Mapping[str, str], attributes: Mapping[str, str]) -> list[str]:
    """A label that has no value is an empty one: to Prometheus that is the same."""
    return [attributes.get(name) or common.get(name, "") for name in names]
