import io
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from local.demo.criteria import Criterion, Findings, judge
from local.demo.summary import show_summary
from local.stages import Stages
from tests.local.demo.findings import ATTEMPTS, GOOD, NAME, OUTPUTS, PREDICTIONS

SUMMARY = {
    "customers": 2357,
    "mean_probability_alive": 0.4567,
    "at_risk": 1200,
    "log_likelihood": -9582.43,
    "parameters": {},
}


def shown(findings: Findings = GOOD, criteria: Sequence[Criterion] | None = None, width: int = 160) -> str:
    clock = iter([0.0, 12.0, 12.0, 15.5])
    stages = Stages(lambda _: None, now=lambda: next(clock))
    for name in ("deploy the stack", "publish"):
        with stages.stage(name):
            pass
    output = io.StringIO()
    console = Console(file=output, width=width, highlight=False, color_system=None)
    show_summary(console, findings, list(judge(findings)) if criteria is None else criteria, stages)
    return output.getvalue()


def line_with(text: str, *words: str) -> str:
    (line,) = [line for line in text.splitlines() if all(word in line for word in words)]
    return line.rstrip()


def test_outputs_and_attributes_stand_there_in_full() -> None:
    text = shown(replace(GOOD, outputs={**OUTPUTS, "container_environment": [{"name": "A", "value": "[red]b[/red]"}]}))
    assert line_with(text, "predictions_queue_arn").endswith(str(OUTPUTS["predictions_queue_arn"]))
    assert '[{"name": "A", "value": "[red]b[/red]"}]' in text
    assert line_with(text, "VisibilityTimeout  ").split() == ["VisibilityTimeout", "│", "300", "│", "300"]


def test_counts_are_told_in_a_line() -> None:
    text = shown(replace(GOOD, predictions=(*PREDICTIONS[:-1], {**PREDICTIONS[-1], "state": "QUEUED"})))
    assert "5 published and 2 sent past the publisher; 4 completed, 2 rejected, 2 dead-lettered" in text


def test_results_are_shown_and_a_prediction_without_one_too() -> None:
    text = shown(
        replace(GOOD, predictions=({**PREDICTIONS[0], "summary": SUMMARY}, {**PREDICTIONS[1], "summary": None}))
    )
    for figure in ("2357", "0.457", "1200", "-9582.4"):
        assert figure in line_with(text, str(PREDICTIONS[0]["user_id"]))
    assert line_with(text, str(PREDICTIONS[1]["user_id"]))


def test_everybodys_answers_stand_in_a_row() -> None:
    text = shown()
    for name in {one.principal.name for one in ATTEMPTS}:
        answers = [one.answer for one in ATTEMPTS if one.principal.name == name]
        cells = next(line for line in text.splitlines() if line.startswith(f"{name} ")).split("│")
        assert [cell.strip() for cell in cells[1:]] == answers


def test_each_criterion_is_ticked_or_crossed_with_what_was_seen() -> None:
    criteria = [Criterion("Access", "good", "as it must be", met=True), Criterion("Access", "bad", "[oops]", met=False)]
    text = shown(criteria=criteria)
    assert line_with(text, "good", "as it must be").startswith("✓")
    assert line_with(text, "bad", "[oops]").startswith("✗")
    assert f"{NAME} created" in shown()


def test_times_add_up() -> None:
    text = shown()
    assert line_with(text, "deploy the stack ", "12.0")
    assert line_with(text, "together", "15.5")


def test_what_to_run_next_survives_a_narrow_terminal() -> None:
    assert 'eval "$(make -s env ROLE=consumer)"    … or as producer, consumer, operator, break-glass' in shown(width=60)


def test_whoever_matters_is_told_what_the_documents_let_it_do() -> None:
    text = shown()
    assert line_with(text, "producer", "SendMessage, GetQueueAttributes").count("nothing") == 2
    assert line_with(text, "anonymous").count("nothing") == 3
