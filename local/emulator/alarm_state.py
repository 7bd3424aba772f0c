"""What an alarm's state is, by its own definition: M of the last N datapoints, and what missing ones count as.

Pure: no clock, no store. The rules are those of "Evaluating an alarm" and "Configuring how CloudWatch alarms treat
missing data" (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html); the tables
there are this module's tests.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

EXTRA_DATAPOINTS: Final = 2
"""How many more datapoints than N are looked at, so that recent gaps can be bridged by older real values."""

_COMPARISONS: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


class State(StrEnum):
    """An alarm's states, in CloudWatch's words."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """What a missing datapoint counts as."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True)
class Definition:
    """The part of an alarm's definition that decides its state.

    Args:
        comparison: CloudWatch's name of the comparison with the threshold.
        threshold: In the metric's unit.
        evaluation_periods: N, how many datapoints count.
        datapoints_to_alarm: M, how many of them must breach.
        missing: What a missing datapoint counts as.
    """

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: Missing

    def breached_by(self, value: float) -> bool:
        """Says whether a datapoint breaches the threshold.

        Args:
            value: The datapoint.

        Returns:
            True if it does; comparisons with a band (anomaly detection) never do, they are not modelled.
        """
        known = _COMPARISONS.get(self.comparison)
        return known is not None and known[0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """A state and the reason for it.

    Args:
        state: The state.
        reason: In CloudWatch's words, as DescribeAlarms gives them.
    """

    state: State
    reason: str


def judge(definition: Definition, datapoints: Sequence[float | None], current: State) -> Verdict:
    """Decides an alarm's state.

    Args:
        definition: The alarm's.
        datapoints: One a period, oldest first, None where missing: the last N and `EXTRA_DATAPOINTS` before them.
        current: The state that it is in, which stays where the definition says so.

    Returns:
        The state, and why.
    """
    wanted = definition.evaluation_periods
    real = [value for value in datapoints if value is not None][-wanted:]
    absent = wanted - len(real)
    breaching = sum(definition.breached_by(value) for value in real)
    if absent and definition.missing is Missing.BREACHING:
        breaching += absent
    state = State.ALARM if breaching >= definition.datapoints_to_alarm else State.OK
    if absent and definition.missing in (Missing.MISSING, Missing.IGNORE) and state is State.OK:
        state = _despite_gaps(definition, datapoints, real, current)
    return Verdict(state, _reason(definition, real, absent, state))


def _despite_gaps(
    definition: Definition, datapoints: Sequence[float | None], real: Sequence[float], current: State
) -> State:
    """The state where gaps count as nothing and too few real datapoints breach for an alarm."""
    if not real:
        return State.INSUFFICIENT_DATA if definition.missing is Missing.MISSING else current
    if not all(definition.breached_by(value) for value in real):
        return State.OK
    oldest_age = len(datapoints) - next(place for place, value in enumerate(datapoints) if value is not None)
    if definition.missing is Missing.MISSING and oldest_age >= definition.datapoints_to_alarm:
        return State.ALARM
    return current


def _reason(definition: Definition, real: Sequence[float], absent: int, state: State) -> str:
    _, words = _COMPARISONS.get(definition.comparison, (None, definition.comparison))
    wanted = definition.evaluation_periods
    treated = f" {absent} missing datapoints were treated as [{definition.missing}]." if absent else ""
    if not real:
        return f"Threshold Crossed: no datapoints were received for {wanted} periods.{treated}".strip()
    breaching = sum(definition.breached_by(value) for value in real)
    counted = breaching if state is State.ALARM else len(real) - breaching
    values = ", ".join(str(value) for value in reversed(real))
    verb = ("was" if counted == 1 else "were") + ("" if state is State.ALARM else " not")
    return (
        f"Threshold Crossed: {counted} out of the last {wanted} datapoints [{values}] {verb} {words} the threshold "
        f"({definition.threshold}).{treated}"
    )
