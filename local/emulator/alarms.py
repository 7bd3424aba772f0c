"""Metric alarms evaluated by their own definitions; MiniStack's evaluation ignores dimensions, periods and gaps.

There, any queue's datapoint would set off every queue's alarm. Here, an alarm's datapoints are those of its own
metric with its own dimensions and unit, one a period, judged by `alarm_state`. One thing differs from AWS on purpose:
the period that is still running counts as the newest datapoint, so that nobody has to wait a minute for the truth.
"""

import math
import time

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local.emulator import internals
from local.emulator.alarm_state import EXTRA_DATAPOINTS, Definition, Missing, State, judge
from local.emulator.seams import wrap

Alarm = dict[str, object]
"""MiniStack's record of a metric alarm, in the words of DescribeAlarms."""


def _number(alarm: Alarm, name: str, default: float) -> float:
    value = alarm.get(name)
    return float(value) if isinstance(value, int | float) else default


def _datapoints(alarm: Alarm, periods: int, now: float) -> list[float | None]:
    """The alarm's statistic over each of the last periods, oldest first, None where there is no data."""
    listed = alarm.get("Dimensions")
    dimensions = {str(each["Name"]): str(each["Value"]) for each in listed} if isinstance(listed, list) else {}
    key = (str(alarm["Namespace"]), str(alarm["MetricName"]), internals.dimensions_key(dimensions))
    unit = alarm.get("Unit")
    points = [point for point in internals.metrics.get(key) or [] if unit in (None, "", point["Unit"])]
    statistic = str(alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average")
    length = _number(alarm, "Period", 60)
    newest = math.floor(now / length) * length
    values: list[float | None] = []
    for start in (newest - length * back for back in reversed(range(periods))):
        inside = [point for point in points if start <= point["Timestamp"] < start + length]
        stats = internals.statistics(inside)
        found = internals.statistic(stats, statistic, inside) if stats else None
        values.append(None if found is None else float(found))
    return values


def _missing(alarm: Alarm) -> Missing:
    given = str(alarm.get("TreatMissingData"))
    return Missing(given) if given in set(Missing) else Missing.MISSING  # MiniStack stores any text


def _evaluate(alarm: Alarm) -> None:
    if not alarm.get("Namespace") or not alarm.get("MetricName"):
        return  # metric math: not modelled, its state stays what it is
    wanted = int(_number(alarm, "EvaluationPeriods", 1))
    definition = Definition(
        comparison=str(alarm.get("ComparisonOperator")),
        threshold=_number(alarm, "Threshold", 0),
        evaluation_periods=wanted,
        datapoints_to_alarm=int(_number(alarm, "DatapointsToAlarm", wanted)),
        missing=_missing(alarm),
    )
    old = State(str(alarm["StateValue"]))
    verdict = judge(definition, _datapoints(alarm, wanted + EXTRA_DATAPOINTS, time.time()), old)
    if verdict.state is old:
        return
    alarm["StateValue"] = str(verdict.state)
    alarm["StateReason"] = verdict.reason
    alarm["StateUpdatedTimestamp"] = int(time.time())
    internals.record_history(str(alarm["AlarmName"]), str(old), str(verdict.state), verdict.reason)
    internals.dispatch_alarm_actions(alarm, str(old), str(verdict.state), verdict.reason)
    internals.evaluate_parent_alarms(alarm)


def evaluate_all() -> None:
    """Evaluates every metric alarm of every account."""
    for (owner, region, _), alarm in internals.alarms.all_items():
        with request_scope(owner, region):
            _evaluate(alarm)


def install() -> None:
    """Replaces MiniStack's evaluation of metric alarms.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    wrap(cloudwatch, "_evaluate_alarm", ("alarm",), lambda _original: _evaluate)
