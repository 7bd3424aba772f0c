"""What each format tells; that its content is all there and none of it is taken for markup."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from unittest.mock import patch

import pytest

from access import judgement
from access.deployed import Deployed
from access.matrix.cells import build
from access.matrix.expected import as_expected
from access.proof.invariants import Finding
from access.proof.search import Verdict
from access.report import Format, Report, render
from access.report.plain import plain
from access.report.rows import in_short, rows
from access.usage.cloudtrail import Event
from tests.access.sound import PRODUCER_ARN, QUEUE_ARN, SETTINGS, deployed, role_arn, with_statement, without_statement

HOSTILE = "<script>alert('x')</script>|`*_[red]"


PURGE = "Nobody but break-glass can purge the queue."
PROVEN = Finding("purge", PURGE, Verdict.PROVEN)
BROKEN = Finding("purge", PURGE, Verdict.FALSE, told="the administrator may purge")


def judged(stack: Deployed, finding: Finding) -> Report:
    """A stack held against what is expected and against one call, with this for the solver's answer."""
    call = Event(datetime(2026, 1, 1, tzinfo=UTC), ("sqs:SendMessage",), (QUEUE_ARN,), PRODUCER_ARN, PRODUCER_ARN)
    expected = as_expected(build(deployed(), SETTINGS))
    with patch.object(judgement, "prove", return_value=(finding,)):
        return judgement.judge("dev", stack, SETTINGS, expected=expected, calls=[call])


@cache
def report() -> Report:
    return judged(deployed(), PROVEN)


@cache
def bad_report() -> Report:
    return judged(deployed(queue=without_statement("queue", "DenyPurgeQueue")), BROKEN)


def test_a_sound_stack_is_good_and_a_weakened_one_is_not() -> None:
    assert report().is_good
    assert "every cell is as expected" in report().headline
    assert not bad_report().is_good
    assert re.fullmatch(r"\d+ cells are not as expected; 0 of 1 invariants are proven", bad_report().headline)


def test_what_was_not_asked_is_not_held_against_the_stack() -> None:
    unasked = replace(bad_report(), differences=None, proofs=())
    assert unasked.is_good
    assert unasked.headline == f"{len(unasked.matrix.cells)} cells"


@pytest.mark.parametrize("how", Format)
def test_every_format_tells_what_differs_and_by_which_request_an_invariant_is_broken(how: Format) -> None:
    text = re.sub(r"\\|\s+", lambda found: "" if found[0] == "\\" else " ", render(bad_report(), how))
    for said in ("PurgeQueue", "administrator", "EverythingOnSqs", BROKEN.sentence, BROKEN.told):
        assert said in text


@pytest.mark.parametrize("how", Format)
def test_every_format_tells_whose_policies_are_assumed_and_what_was_never_used(how: Format) -> None:
    text = render(report(), how)
    assert "assumed" in text
    assert "putobject" in text


@pytest.mark.parametrize("how", [Format.TABLE, Format.MARKDOWN, Format.HTML, Format.JSON])
def test_cells_are_told_by_statement(how: Format) -> None:
    text = render(report(), how)
    assert "AllowProducer" in text
    assert "DenyMessagesFromOutsideVpc" in text


@pytest.mark.parametrize("how", [Format.TABLE, Format.SHORT])
def test_only_a_terminal_is_told_in_colours_and_by_its_width(how: Format) -> None:
    assert "\x1b[" not in render(report(), how)
    on_terminal = render(report(), how, 100)
    assert "\x1b[" in on_terminal
    assert max(len(line) for line in re.sub(r"\x1b\[[0-9;]*m", "", on_terminal).splitlines()) <= 100


def test_json_has_every_cell_whole() -> None:
    told = json.loads(render(report(), Format.JSON))
    assert len(told["cells"]) == len(report().matrix.cells)
    cell = next(one for one in told["cells"] if (one["caller"], one["action"]) == ("producer", "SendMessage"))
    assert cell == {
        "queue": "predictions",
        "caller": "producer",
        "principal": PRODUCER_ARN,
        "action": "SendMessage",
        "origin": "endpoint",
        "allowed": True,
        "reason": "allowed",
        "by": [
            {"policy": "predictions", "statement": "AllowProducer"},
            {"policy": "predictions-producer", "statement": "SendToQueue"},
        ],
    }
    assert told["good"] is True
    assert told["differences"] == []
    assert {one["verdict"] for one in told["invariants"]} == {"proven"}


def test_actions_that_fare_alike_share_a_row_and_none_is_lost() -> None:
    matrix = report().matrix
    for target in matrix.targets:
        for caller in matrix.callers:
            told = [action for row in rows(matrix, target) if row.caller is caller for action in row.actions]
            assert sorted(told) == sorted(target.actions)


def test_in_short_a_caller_is_told_by_what_it_may_do_and_from_where() -> None:
    matrix = report().matrix
    queue, dlq, _ = matrix.targets
    by_label = {one.label: one for one in matrix.callers}
    assert in_short(matrix, queue, by_label["producer"]) == (
        "SendMessage, GetQueueAttributes, GetQueueUrl (from endpoint)"
    )
    assert in_short(matrix, dlq, by_label["producer"]) == "nothing"
    assert in_short(matrix, queue, by_label["break-glass"]) == (
        "all but ChangeMessageVisibility, DeleteMessage, ReceiveMessage, SendMessage (not from plain text)"
    )


class Page(HTMLParser):
    """What a browser would load and run, and the texts of the cells."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.scripts = 0
        self.rows = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.loaded += [str(named[name]) for name in ("src", "href") if name in named]
        self.scripts += tag == "script"
        self.rows += tag == "tr" and "data-caller" in named


def page(shown: Report) -> Page:
    parsed = Page()
    parsed.feed(render(shown, Format.HTML))
    return parsed


def test_the_page_loads_nothing_and_has_a_row_for_every_caller_and_action() -> None:
    shown = page(report())
    assert shown.loaded == []
    assert shown.scripts == 1
    targets, callers = report().matrix.targets, report().matrix.callers
    assert shown.rows == sum(len(target.actions) for target in targets) * len(callers)


def test_nothing_that_a_stack_is_called_is_taken_for_markup() -> None:
    hostile = replace(report(), stack=HOSTILE, notes=(HOSTILE,))
    assert page(hostile).scripts == 1
    markdown = render(hostile, Format.MARKDOWN)
    assert "<script>" not in outside_code(markdown)
    assert "¦" in markdown


EVIL = (
    "x | <img src=//evil> @octo/team ~~gone~~ https://evil www.evil.example $x$ `a``b` \\"
    "\n\n# hi\n\u2028- [a](b) \\| @octo"
)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|<code>.*?</code>")


def outside_code(markdown: str) -> str:
    """What GitHub takes for Markdown: everything but code. A cell of a table ends its code with it."""
    cells = (cell for line in markdown.splitlines() for cell in (line.split("|") if line.startswith("|") else [line]))
    return "\n".join(CODE.sub("", cell) for cell in cells)


def test_nothing_that_a_policy_says_is_taken_for_markup_a_link_or_a_name() -> None:
    text = with_statement(
        "queue",
        Sid=EVIL,
        Effect="Allow",
        Principal={"AWS": role_arn("operator")},
        Action="sqs:SendMessage",
        Resource=QUEUE_ARN,
        Condition={"StringEquals": {"aws:SourceVpce": EVIL}},
    )
    grant = with_statement("producer", Sid=EVIL, Effect="Allow", Action="s3:GetObject", Resource=EVIL)
    shown = judged(deployed(queue=text, producer=grant), BROKEN)
    target = replace(shown.matrix.targets[0], label=EVIL)
    cells = tuple(
        replace(one, target=target) if one.target is shown.matrix.targets[0] else one for one in shown.matrix.cells
    )
    matrix = replace(shown.matrix, targets=(target, *shown.matrix.targets[1:]), cells=cells)
    markdown = render(replace(shown, matrix=matrix, notes=(EVIL,)), Format.MARKDOWN, against_base=shown.differences)
    assert "octo/team" in markdown
    rest = outside_code(markdown)
    for harmful in ("@", "~~", "//evil", "www.", "<img", "$x$", "[a]", "\u2028"):
        assert harmful not in rest
    assert {line for line in rest.splitlines() if line.startswith("#")} == {
        "## Access: stack dev",
        "### Changed by this pull request",
        "### Not as expected",
        "### What must hold of every request",
        "### Who may do what",
        "### What is granted and never used, and what was refused",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("was denied → is allowed by Oops (predictions)", "was denied → is allowed by Oops (predictions)"),
        ("arn:aws:s3:::{uploads}/user_*", "`arn:aws:s3:::{uploads}/user_*`"),
        ("a `b`` c`", "``` a `b`` c` ```"),
        ("ann@example.com", "`ann@example.com`"),
        ("a\n\n# b", "`a # b`"),
        ("http://x", "`http://x`"),
        ("a\\|b", "`a\\¦b`"),
    ],
)
def test_what_is_more_than_words_is_told_as_code(text: str, told: str) -> None:
    assert plain(text) == told


def test_what_differs_from_the_base_branch_is_told_first_and_held_against_nobody() -> None:
    told = render(report(), Format.MARKDOWN, against_base=bad_report().differences)
    changed, _, rest = told.partition("✅ By its state: every cell is as expected")
    assert "### Changed by this pull request" in changed
    assert "| PurgeQueue |" in changed
    assert rest
    assert "Nobody could do anything else" in render(report(), Format.MARKDOWN, against_base=())
    assert "Changed by" not in render(report(), Format.MARKDOWN)


@pytest.mark.parametrize("how", [Format.TABLE, Format.SHORT])
def test_nothing_that_a_caller_is_called_is_taken_for_a_colour(how: Format) -> None:
    matrix = report().matrix
    hostile = replace(matrix.callers[0], label=HOSTILE)
    cells = tuple(replace(one, caller=hostile) if one.caller is matrix.callers[0] else one for one in matrix.cells)
    shown = replace(report(), matrix=replace(matrix, callers=(hostile, *matrix.callers[1:]), cells=cells))
    assert re.search(r"\[red\] +│", render(shown, how))


def test_tables_of_markdown_have_as_many_cells_in_every_line() -> None:
    counts: set[int] = set()
    for line in render(report(), Format.MARKDOWN).splitlines():
        if not line.startswith("|"):
            assert len(counts) <= 1
            counts = set()
        else:
            counts.add(len(re.findall(r"(?<!\\)\|", line)))
