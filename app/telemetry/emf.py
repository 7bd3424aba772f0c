"""CloudWatch's embedded metric format: log lines that CloudWatch Logs makes metrics of.

Written by AWS's specification ("Embedded metric format" in the CloudWatch user guide), and by nothing that it does not
promise: a metric's value is a number, or an array of at most 100 numbers. Counters are written as what was added since
the last line, histograms as single values.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.telemetry.instruments import Kind, Spread
from app.telemetry.registry import Family

MOST_METRICS: Final = 100
"""The most metrics in a line."""
MOST_VALUES: Final = 100
"""The most values of a metric in a line."""
MOST_DIMENSION_CHARACTERS: Final = 1024
"""The longest value of a dimension."""

_NOT_IN_DIMENSIONS = re.compile(r"[^\x20-\x7e]")
_DIGITS = 6
_UNITS = {"s": "Seconds", "1": "None", "By": "Bytes"}

_Dimensions = tuple[tuple[str, str], ...]
_Value = float | list[float]


@dataclass(frozen=True)
class Heading:
    """What every line says.

    Args:
        namespace: CloudWatch's namespace for the metrics.
        dimensions: The dimensions of every metric; a metric's attributes are added to them.
        properties: What else to write, to search by; no dimensions, so CloudWatch charges no metric for them.
    """

    namespace: str
    dimensions: Mapping[str, str]
    properties: Mapping[str, str]


class Deltas:
    """What counters have grown by since they were last asked for."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, _Dimensions], float] = {}

    def of(self, name: str, dimensions: _Dimensions, now: float) -> float:
        """How much more it is than the last time; all of it the first time."""
        before = self._before.get((name, dimensions), 0)
        self._before[name, dimensions] = now
        return now - before


def emf_lines(families: Sequence[Family], deltas: Deltas, heading: Heading, timestamp_ms: int) -> Iterator[str]:
    """The lines that say what has been collected, each a JSON document without a line break.

    What did not happen is left out: a counter that has not grown, a histogram without new values.

    Args:
        families: What has been collected.
        deltas: What counters were at last.
        heading: What every line says.
        timestamp_ms: The time, in milliseconds since 1970.
    """
    units = {family.description.name: family.description.unit for family in families}
    for found, metrics in _by_dimensions(families, deltas).items():
        every = {name: _dimension(value) for name, value in (*heading.dimensions.items(), *found)}
        for values in _in_lines(metrics):
            directive = {
                "Namespace": heading.namespace,
                "Dimensions": [list(every)],
                "Metrics": [{"Name": name, "Unit": _UNITS.get(units[name], "Count")} for name in values],
            }
            document = {
                "_aws": {"Timestamp": timestamp_ms, "CloudWatchMetrics": [directive]},
                **heading.properties,
                **every,
                **values,
            }
            yield json.dumps(document, separators=(",", ":"), allow_nan=False)


def _by_dimensions(families: Sequence[Family], deltas: Deltas) -> dict[_Dimensions, dict[str, _Value]]:
    found: dict[_Dimensions, dict[str, _Value]] = {}
    for family in families:
        for attributes, number in family.points:
            dimensions = tuple(attributes.items())
            value = _value(family, dimensions, number, deltas)
            if value is not None:
                found.setdefault(dimensions, {})[family.description.name] = value
    return found


def _value(family: Family, dimensions: _Dimensions, number: float | Spread, deltas: Deltas) -> _Value | None:
    if isinstance(number, Spread):
        return [_rounded(value) for value in number.newest] or None
    if not math.isfinite(number):
        return None
    if family.description.kind is Kind.COUNTER:
        return _rounded(deltas.of(family.description.name, dimensions, number)) or None
    return _rounded(number)


def _dimension(value: str) -> str:
    """A dimension's value as CloudWatch takes it: ASCII, no control characters, not blank; else it drops the metric."""
    told = _NOT_IN_DIMENSIONS.sub("?", value[:MOST_DIMENSION_CHARACTERS])
    return "?" if not told.strip() else told


def _in_lines(metrics: Mapping[str, _Value]) -> Iterator[dict[str, _Value]]:
    """Cut where a line has too many metrics, or one of them too many values."""
    names = list(metrics)
    for start in range(0, len(names), MOST_METRICS):
        rest = {name: metrics[name] for name in names[start : start + MOST_METRICS]}
        while rest:
            yield {name: value[:MOST_VALUES] if isinstance(value, list) else value for name, value in rest.items()}
            rest = {
                name: value[MOST_VALUES:]
                for name, value in rest.items()
                if isinstance(value, list) and len(value) > MOST_VALUES
            }


def _rounded(value: float) -> float:
    """Six digits are more than anybody reads, and lines cost by the byte. Whole numbers stay as they are."""
    return value if isinstance(value, int) or value.is_integer() else float(f"{value:.{_DIGITS}g}")
