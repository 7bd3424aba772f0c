"""The commands' answers on a terminal: tables for people, or JSON for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bounded import bounded
from app.commands.shapes import (
    DoctorAnswer,
    PredictionAnswer,
    PredictionsAnswer,
    PublishAnswer,
    QueueAnswer,
    RejectionsAnswer,
    RelayAnswer,
    UploadAnswer,
    WorkAnswer,
)

_WIDTH_WITHOUT_TERMINAL = 160

_Answer = TypeVar("_Answer", bound=Mapping[str, object])


def show(answer: _Answer, in_words: Callable[[Console, _Answer], None], *, as_json: bool) -> None:
    """Print an answer to stdout.

    Args:
        answer: The answer.
        in_words: How a person is told.
        as_json: One JSON document instead.
    """
    if as_json:
        print(json.dumps(answer, indent=2))  # noqa: T201 - the answer is what stdout is for
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_WITHOUT_TERMINAL)
    in_words(console, answer)


def show_upload(console: Console, answer: UploadAnswer) -> None:
    """Tell of an upload."""
    say(console, f"stored {answer['bytes']} bytes at {answer['s3_file_path']}")
    say(console, f"prediction {answer['prediction_id']} is {answer['state']}; `python -m app publish` sends it")


def show_publish(console: Console, answer: PublishAnswer) -> None:
    """Tell what was published."""
    for result in answer["results"]:
        say(
            console,
            f"{result['prediction_id']}  {result['code']}: {result['text']} (log lines: {result['correlation_id']})",
        )
    say(console, f"{answer['published']} published, {answer['waiting']} waiting")


def show_relay(console: Console, answer: RelayAnswer) -> None:
    """Tell what a relay did."""
    others = ", ".join(f"{count} {code}" for code, count in answer["codes"].items() if code != "published")
    counts = f"{answer['published']} published" + (f", {others}" if others else "")
    waiting = "" if answer["waiting"] is None else f" {answer['waiting']} waiting,"
    say(console, f"{counts},{waiting} in {answer['seconds']:.1f} s")
    say(console, f"stopped by {answer['stopped_by']}")


def show_work(console: Console, answer: WorkAnswer) -> None:
    """Tell what a worker did."""
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in answer["outcomes"].items() if count)
    say(console, f"{answer['received']} deliveries in {answer['seconds']:.1f} s: {counts or 'nothing to do'}")
    if answer["given_back"]:
        say(console, f"{answer['given_back']} given back unfinished or unstarted")
    if answer["failure"]:
        say(console, f"AWS says {answer['failure']['aws_code']}: {answer['failure']['aws_message']}")
    say(console, f"stopped by {answer['stopped_by']}")


def show_predictions(console: Console, answer: PredictionsAnswer) -> None:
    """Tell where the predictions stand."""
    rows = [
        (item["prediction_id"], item["user_id"], item["state"], str(item["attempts"]), _in_sum(item))
        for item in answer["predictions"]
    ]
    table(console, ("prediction", "user", "state", "attempts", "in sum"), rows, "no predictions")


def show_rejections(console: Console, answer: RejectionsAnswer) -> None:
    """Tell which messages were refused."""
    rows = [
        (item["message_id"], item["code"], str(item["receives"]), item["last_at"][:19], item["reason"])
        for item in answer["rejections"]
    ]
    table(console, ("message", "code", "receives", "last", "reason"), rows, "no rejections")


def show_queue(console: Console, answer: QueueAnswer) -> None:
    """Tell what the queue says of itself."""
    rows = [(name.replace("_", " "), "none" if value is None else str(value)) for name, value in answer.items()]
    table(console, ("attribute", "value"), rows, "no attributes")


def show_doctor(console: Console, answer: DoctorAnswer) -> None:
    """Tell what was looked at, and what to do."""
    rows = [(item["check"], item["verdict"], item["detail"]) for item in answer["findings"]]
    table(console, ("check", "verdict", "seen"), rows, "nothing was looked at")
    for item in answer["findings"]:
        if item["remedy"]:
            say(console, f"{item['check']} ({item['verdict']}): {item['remedy']}")
    say(console, "nothing failed" if answer["healthy"] else "something failed: see what to do above")


def _in_sum(item: PredictionAnswer) -> str:
    summary = item["summary"]
    if summary:
        mean = summary.get("mean_probability_alive")
        shown = f"{mean:.3f}" if isinstance(mean, float) else "?"
        return f"{summary.get('customers')} customers, {summary.get('at_risk')} at risk, mean P(alive) {shown}"
    if item["failure_code"]:
        return f"{item['failure_code']}: {item['failure_reason']}"
    return "published" if item["published_at"] else "waits to be published"


def say(console: Console, text: str) -> None:
    """Plainly: what others wrote must not be read as markup, nor be broken to the terminal's width."""
    console.print(Text(bounded(text, 1000)), soft_wrap=True)


def table(console: Console, head: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    """Rows under a head, cells cut at 300 characters; or a word where there are none."""
    if not rows:
        say(console, nothing)
        return
    drawn = Table(*head)
    for row in rows:
        drawn.add_row(*(Text(bounded(cell, 300)) for cell in row))
    console.print(drawn)
