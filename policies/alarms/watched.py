"""Which of a stack's alarms are on a queue."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.alarms.alarm import DIMENSION, EMITTED_EVERY_SECONDS, Alarm
from policies.reading.doubt import about
from policies.reading.resource_types import METRIC_ALARM
from policies.reading.values import fields, members, number, whole
from policies.rule import Resource, Stack

_NAMESPACE = "AWS/SQS"


def alarms_on(queue: Resource, stack: Stack) -> Iterator[Alarm]:
    """The stack's alarms on a queue, one for each metric of it that they look at.

    Raises:
        UnknownValueError: In the end, where it is not known yet of an alarm what it watches, or of the queue its name.
    """
    unknown: UnknownValueError | None = None
    for one in stack.of(METRIC_ALARM):
        try:
            for named, read in _looks(one):
                match named.is_(queue):
                    case True:
                        yield read()
                    case None:
                        unknown = about(queue, UnknownValueError(UNKNOWN_STRING_VALUE, ["name"]))
        except UnknownValueError as error:
            unknown = about(one, error)
    if unknown:
        raise unknown


@dataclass(frozen=True)
class _Named:
    """The queue that a metric is of, as an alarm names it.

    Args:
        name: Its name in AWS; None where it is not known yet.
        made_from: The URNs of the resources that the name is made from.
    """

    name: object
    made_from: frozenset[str]

    def is_(self, queue: Resource) -> bool | None:
        """Whether it is this one; None where its name is not known yet."""
        try:
            name = queue.properties.get("name")
        except UnknownValueError:
            name = None
        if self.name is None or (name is None and self.made_from):
            return queue.urn in self.made_from
        return None if name is None else name == self.name


def _looks(alarm: Resource) -> Iterator[tuple[_Named, Callable[[], Alarm]]]:
    """What an alarm looks at: of which queue a metric is, and how the alarm reads it.

    An alarm by `metricQueries` looks at what one of them returns: a metric, or what an expression makes of some.
    """
    if alarm.properties.get("metricName"):
        if named := _named(alarm.properties, alarm.sources.get("dimensions", frozenset())):
            yield named, partial(_of_one_metric, alarm)
        return
    queries = [fields(one) for one in members(alarm.properties.get("metricQueries"))]
    computes = any(one.get("expression") for one in queries)
    for query in queries:
        if named := _named(fields(query.get("metric")), alarm.sources.get("metricQueries", frozenset())):
            yield named, partial(_of_query, alarm, query, computes=computes)


def _of_one_metric(alarm: Resource) -> Alarm:
    given = alarm.properties
    return Alarm(
        alarm,
        str(given.get("metricName")),
        str(given.get("statistic") or given.get("extendedStatistic")),
        whole(alarm, "period", EMITTED_EVERY_SECONDS),
        unit=_text(given.get("unit")),
        dimensions=_dimensions(given),
    )


def _of_query(alarm: Resource, query: Mapping[str, object], *, computes: bool) -> Alarm:
    metric = fields(query.get("metric"))
    return Alarm(
        alarm,
        str(metric.get("metricName")),
        str(metric.get("stat")),
        int(number(metric.get("period", EMITTED_EVERY_SECONDS), "metricQueries", "period")),
        unit=_text(metric.get("unit")),
        dimensions=_dimensions(metric),
        account=_text(query.get("accountId")),
        computes=computes,
    )


def _named(metric: Mapping[str, object], made_from: frozenset[str]) -> _Named | None:
    """The queue that a metric is of; None where it is of none.

    Raises:
        UnknownValueError: It is not known yet, and made from no other resource that would tell.
    """
    try:
        name = fields(metric.get("dimensions")).get(DIMENSION)
        return _Named(name, made_from) if metric.get("namespace") == _NAMESPACE and name is not None else None
    except UnknownValueError:
        if not made_from:
            raise
        return _Named(None, made_from)


def _text(given: object) -> str | None:
    return str(given) if given else None


def _dimensions(metric: Mapping[str, object]) -> frozenset[str]:
    try:
        return frozenset(map(str, fields(metric.get("dimensions"))))
    except UnknownValueError:
        return frozenset({DIMENSION})
