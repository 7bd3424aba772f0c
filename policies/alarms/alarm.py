"""What an alarm watches of a queue, and what sets it off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi_policy.proxy import UnknownValueError

from policies.reading.doubt import about
from policies.reading.resource_types import METRIC_ALARM
from policies.reading.values import fields, members, number, whole
from policies.rule import Resource, Stack

EMITTED_EVERY_SECONDS = 60
"""How often SQS emits its metrics (SQS developer guide, "Monitoring Amazon SQS queues using CloudWatch")."""

_DEFAULT_MISSING_DATA = "missing"
_NAMESPACE = "AWS/SQS"


@dataclass(frozen=True)
class Alarm:
    """An alarm on one metric of a queue.

    Args:
        resource: The alarm.
        metric: The metric's name.
        statistic: What it makes of a period's values, such as `Maximum`.
        period_seconds: How long a period is.
        computes: Whether it computes with the metric, and so is set off by something else.
    """

    resource: Resource
    metric: str
    statistic: str
    period_seconds: int
    computes: bool = False

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.resource.name

    @property
    def missing_data(self) -> str:
        """What it makes of missing data."""
        return str(self.resource.properties.get("treatMissingData") or _DEFAULT_MISSING_DATA)

    @property
    def delay_seconds(self) -> int:
        """For how long a value must last to set it off."""
        periods = whole(self.resource, "evaluationPeriods", 1)
        return self.period_seconds * whole(self.resource, "datapointsToAlarm", periods)

    @property
    def sees_every_value(self) -> bool:
        """Whether a single high value among low ones counts: in its sum and its maximum, or where it is alone."""
        alone = self.period_seconds <= EMITTED_EVERY_SECONDS and self.statistic in {"Average", "Minimum"}
        return alone or self.statistic in {"Maximum", "Sum"}

    def is_set_off_by(self, value: float) -> bool:
        """Whether a value sets it off, as far as a fixed threshold above which it is tells."""
        threshold = self.resource.properties.get("threshold")
        if threshold is None:
            return False
        match self.resource.properties.get("comparisonOperator"):
            case "GreaterThanThreshold":
                return value > number(threshold, "threshold")
            case "GreaterThanOrEqualToThreshold":
                return value >= number(threshold, "threshold")
            case _:
                return False


def alarms_on(queue: Resource, stack: Stack) -> Iterator[Alarm]:
    """The stack's alarms on a queue, one for each metric of it that they look at.

    Raises:
        UnknownValueError: In the end, where it is not known yet of an alarm what it watches.
    """
    unknown: UnknownValueError | None = None
    for one in stack.of(METRIC_ALARM):
        try:
            yield from _of_one_metric(one, queue) if one.properties.get("metricName") else _of_several(one, queue)
        except UnknownValueError as error:
            unknown = about(one, error)
    if unknown:
        raise unknown


def _of_one_metric(alarm: Resource, queue: Resource) -> Iterator[Alarm]:
    if _is_about(queue, alarm.properties, alarm.sources.get("dimensions", frozenset())):
        statistic = str(alarm.properties.get("statistic") or alarm.properties.get("extendedStatistic"))
        yield Alarm(
            alarm, str(alarm.properties.get("metricName")), statistic, whole(alarm, "period", EMITTED_EVERY_SECONDS)
        )


def _of_several(alarm: Resource, queue: Resource) -> Iterator[Alarm]:
    """An alarm by `metricQueries` looks at what one of them returns: a metric, or what an expression makes of some."""
    queries = [fields(one) for one in members(alarm.properties.get("metricQueries"))]
    computes = any(one.get("expression") for one in queries)
    for metric in (fields(one.get("metric")) for one in queries):
        if metric and _is_about(queue, metric, alarm.sources.get("metricQueries", frozenset())):
            period = int(number(metric.get("period", EMITTED_EVERY_SECONDS), "metricQueries", "period"))
            yield Alarm(alarm, str(metric.get("metricName")), str(metric.get("stat")), period, computes)


def _is_about(queue: Resource, metric: Mapping[str, object], made_from: frozenset[str]) -> bool:
    try:
        named = fields(metric.get("dimensions")).get("QueueName")
        return metric.get("namespace") == _NAMESPACE and named is not None and named == queue.properties.get("name")
    except UnknownValueError:
        if not made_from:
            raise
        return queue.urn in made_from
