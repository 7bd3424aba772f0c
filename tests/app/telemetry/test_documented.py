"""What docs/observability.md says is measured."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.aws_failures import FailureKind
from app.telemetry import names

PROJECT = Path(__file__).parents[3]
DOCUMENT = (PROJECT / "docs" / "observability.md").read_text(encoding="utf-8")
KINDS = {"COUNTER": "C", "HISTOGRAM": "H", "GAUGE": "G"}
SHORT = {names.OPERATION: "op"}

Instrument = tuple[str, str, str]
"""Its name, its kind, and what it is told apart by."""


def described() -> Iterator[Instrument]:
    """The instruments in the code."""
    for file in (PROJECT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="Description"),
                    args=[ast.Constant(value=str(name)), ast.Attribute(attr=kind), _, _, *attributes],
                ):
                    found = [each.id for each in ast.walk(ast.List(attributes)) if isinstance(each, ast.Name)]
                    by = [getattr(names, each) for each in found]
                    yield name, KINDS[kind], ", ".join(SHORT.get(each, f"`{each}`") for each in by)


def documented() -> Iterator[Instrument]:
    """Those of the table."""
    for row, kind, by in re.findall(r"^\| (`[^|]+`) \| ([CHG]) \| ([^|]*)\|", DOCUMENT, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            yield name, kind, by.strip()


def test_the_table_of_what_is_measured_is_whole_and_true() -> None:
    assert sorted(documented()) == sorted(described())


def test_the_kinds_of_failures_are_listed() -> None:
    for kind in set(FailureKind) - {FailureKind.NO_OBJECT}:
        assert f"`{kind.value}`" in DOCUMENT
