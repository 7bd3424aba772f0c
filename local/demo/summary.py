"""What the demo shows in the end."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from access.report.as_table import short_table
from local.demo.criteria import EXPECTED_ATTRIBUTES, Criterion, Findings
from local.demo.probes import ACTIONS, Attempt
from local.stages import Stages

NEXT = (
    'eval "$(make -s env)"                  work on the stack as its deployer: pulumi, aws, python -m app',
    'eval "$(make -s env ROLE=consumer)"    … or as producer, consumer, operator, break-glass',
    "make access                            who may do what, by which statement, and what is proven of it",
    "make access ARGS=--observed            what is granted and was never used, and what was refused",
    "make preview                           see what a change of the code would change in the stack",
    "make test                              all tests, on the same engine and emulator",
    "make down                              destroy the stack and stop the emulator",
)


def show_summary(console: Console, findings: Findings, criteria: Sequence[Criterion], stages: Stages) -> None:
    """Print it all.

    Args:
        console: Where to.
        findings: What was seen.
        criteria: What must be so.
        stages: What was done, and how long each stage took.
    """
    console.print(
        Group(
            _outputs(findings.outputs),
            _attributes(findings.attributes),
            _predictions(findings.predictions),
            _counts(findings),
            _access(findings.attempts),
            Text("\nWho may do what, by the documents", style="bold"),
            short_table(findings.access.matrix),
            _criteria(criteria),
            _times(stages.seconds),
        )
    )
    console.print("\nNext:", *(f"  {line}" for line in NEXT), sep="\n", markup=False, soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _outputs(outputs: Mapping[str, object]) -> Table:
    table = _table("\nStack outputs", "output", "value")
    for name, value in outputs.items():
        table.add_row(name, Text(value if isinstance(value, str) else json.dumps(value)))
    return table


def _attributes(attributes: Mapping[str, str]) -> Table:
    table = _table("\nQueue attributes", "attribute", "value", "expected")
    for name, expected in EXPECTED_ATTRIBUTES.items():
        table.add_row(name, str(attributes.get(name)), expected)
    return table


def _predictions(predictions: Sequence[Mapping[str, object]]) -> Table:
    table = _table("\nPredictions", "user", "state", "customers", "mean P(alive)", "at risk", "log-likelihood")
    for one in predictions:
        summary = cast("Mapping[str, float]", one.get("summary") or {})
        table.add_row(
            str(one["user_id"]),
            str(one["state"]),
            str(summary.get("customers", "")),
            _figure(summary.get("mean_probability_alive"), 3),
            str(summary.get("at_risk", "")),
            _figure(summary.get("log_likelihood"), 1),
        )
    return table


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _counts(findings: Findings) -> Text:
    completed = sum(one["state"] == "COMPLETED" for one in findings.predictions)
    return Text(
        f"\nMessages: {findings.requests.published} published and 2 sent past the publisher; {completed} completed,"
        f" {len(findings.rejections)} rejected, {len(findings.letters)} dead-lettered"
    )


def _access(attempts: Sequence[Attempt]) -> Table:
    table = _table("\nWho may do what, found out by trying", "principal", *ACTIONS)
    answers = {(one.principal.name, one.action): one for one in attempts}
    for name in dict.fromkeys(one.principal.name for one in attempts):
        row = [answers[name, action] for action in ACTIONS]
        table.add_row(name, *(Text(one.answer, style="" if one.expected else "bold red") for one in row))
    return table


def _criteria(criteria: Sequence[Criterion]) -> Table:
    table = _table("\nSuccess criteria", "", "what must be so", "what was seen")
    group = ""
    for one in criteria:
        if one.group != group:
            group = one.group
            table.add_row("", Text(group, style="italic"), "")
        table.add_row(Text("✓" if one.met else "✗", style="green" if one.met else "bold red"), one.name, Text(one.seen))
    return table


def _times(seconds: Mapping[str, float]) -> Table:
    table = _table("\nTime", "stage", "seconds")
    for name, taken in seconds.items():
        table.add_row(name, f"{taken:.1f}")
    table.add_row("together", f"{sum(seconds.values()):.1f}")
    return table
