"""What an alarm watches of a queue, and what sets it off."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_policy.proxy import UnknownValueError

from policies.reading.doubt import UndecidableError
from policies.reading.links import links_of
from policies.reading.values import number, whole
from policies.rule import Resource, Stack

EMITTED_EVERY_SECONDS = 60
"""How often SQS emits its metrics (SQS developer guide, "Monitoring Amazon SQS queues using CloudWatch")."""

_DEFAULT_MISSING_DATA = "missing"
DIMENSION = "QueueName"
"""The one dimension of SQS's metrics (SQS developer guide, "Available CloudWatch metrics")."""


@dataclass(frozen=True)
class Alarm:
    """An alarm on one metric of a queue.

    Args:
        resource: The alarm.
        metric: The metric's name.
        statistic: What it makes of a period's values, such as `Maximum`.
        period_seconds: How long a period is.
        unit: The unit that it asks the metric in; None for whatever there is.
        dimensions: The names of the dimensions that it asks for.
        account: The account that it looks into; None for its own.
        computes: Whether it computes with the metric, and so is set off by something else.
    """

    resource: Resource
    metric: str
    statistic: str
    period_seconds: int
    unit: str | None = None
    dimensions: frozenset[str] = frozenset({DIMENSION})
    account: str | None = None
    computes: bool = False

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.resource.name

    @property
    def other_dimensions(self) -> Sequence[str]:
        """The dimensions that it asks for and no metric of SQS has."""
        return sorted(self.dimensions - {DIMENSION})

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
        """Whether a value sets it off, as far as a fixed threshold above which it is tells.

        Raises:
            UndecidableError: It computes with the metric, and no one value sets it off.
        """
        if self.computes:
            raise UndecidableError("computes with the metric, so what sets it off cannot be told", "metricQueries")
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

    def elsewhere(self, queue: Resource, stack: Stack) -> str | None:
        """The region or the account that it looks into, where that is not the queue's; None where it is.

        Raises:
            UnknownValueError: It names an account, and the queue's is not known yet.
        """
        links = links_of(stack)
        if self.account is not None and self.account != links.place(queue, "account"):
            return self.account
        try:
            own = self.resource.properties.get("region")
            return str(own) if own is not None and own != links.place(queue, "region") else None
        except UnknownValueError:
            return None  # both are then the provider's
