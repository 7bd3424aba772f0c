"""What AWS's specification of the embedded metric format asks of a line, its JSON schema and its words."""

import json
import re
from dataclasses import dataclass

import jsonschema

UNITS = (
    "Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|"
    "Terabits|Percent|Count|Bytes/Second|Kilobytes/Second|Megabytes/Second|Gigabytes/Second|Terabytes/Second|"
    "Bits/Second|Kilobits/Second|Megabits/Second|Gigabits/Second|Terabits/Second|Count/Second|None"
)

# CloudWatch user guide, "Specification: Embedded metric format", its JSON schema; and beside it the limits of its text
# that the schema lacks: 100 metrics, resolutions of 1 and 60.
SCHEMA = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 0},
                "CloudWatchMetrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {"type": "string", "pattern": "^(.*)$", "minLength": 1, "maxLength": 1024},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "minItems": 0,
                                    "maxItems": 30,
                                    "items": {"type": "string", "pattern": "^(.*)$", "minLength": 1, "maxLength": 250},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": {
                                            "type": "string",
                                            "pattern": "^(.*)$",
                                            "minLength": 1,
                                            "maxLength": 1024,
                                        },
                                        "Unit": {"type": "string", "pattern": f"^({UNITS})$"},
                                        "StorageResolution": {"enum": [1, 60]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}

MOST_BYTES = 256 * 1024


@dataclass(frozen=True)
class Seen:
    """One metric of one line, as CloudWatch takes it."""

    name: str
    unit: str
    dimensions: dict[str, str]
    values: list[float]


def read(line: str) -> list[Seen]:
    """The metrics of a line; an AssertionError or a ValidationError where CloudWatch would not take it."""
    assert len(line.encode()) <= MOST_BYTES
    assert "\n" not in line
    document = json.loads(line, parse_constant=lambda name: _fail(f"{name} is no JSON"))
    jsonschema.validate(document, SCHEMA)
    return [
        _seen(document, dimensions, metric)
        for directive in document["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    ]


def _seen(document: dict[str, object], names: list[str], metric: dict[str, str]) -> Seen:
    target = document[metric["Name"]]
    targets: list[object] = target if isinstance(target, list) else [target]
    assert 1 <= len(targets) <= 100
    values = [value for value in targets if isinstance(value, int | float) and not isinstance(value, bool)]
    assert len(values) == len(targets), "numbers, and nothing else"
    assert all(-(2**360) <= value <= 2**360 for value in values)
    dimensions: dict[str, str] = {}
    for name in names:
        value = document[name]
        assert isinstance(value, str)
        assert re.fullmatch(r"[\x20-\x7e]{1,1024}", value), "Dimension: ASCII without control characters"
        assert value.strip()
        assert re.fullmatch(r"[\x21-\x39\x3b-\x7e][\x20-\x7e]*", name), "MetricDatum: ASCII, and no colon to begin with"
        dimensions[name] = value
    return Seen(metric["Name"], metric.get("Unit", "None"), dimensions, values)


def _fail(words: str) -> None:
    raise AssertionError(words)
