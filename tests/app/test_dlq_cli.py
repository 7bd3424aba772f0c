"""What the commands on dead letters ask for, before anything is asked of AWS."""

import pytest
from typer.testing import CliRunner

from app.commands import dead_letters
from app.dlq_cli import dlq
from app.errors import UserMistakeError


def refused(*arguments: str) -> str:
    """What is told of a mistake in these arguments."""
    error = CliRunner().invoke(dlq, arguments).exception
    assert isinstance(error, UserMistakeError)
    return str(error)


def test_a_limit_is_never_ignored() -> None:
    for more in ([], ["--dry-run"], ["--rate", "5"], ["--detach"]):
        assert "takes all letters" in refused("redrive", "--limit", "5", *more)


def test_what_chooses_nothing_by_mistake_is_no_move_of_all() -> None:
    for option in ("--reason", "--user", "--prediction", "--older-than", "--newer-than"):
        assert option in refused("redrive", option, "")


@pytest.mark.parametrize(
    ("arguments", "looks_at"),
    [([], 100), (["--user", "user_abc"], 10_000), (["--limit", "7"], 7), (["--user", "user_abc", "--limit", "7"], 7)],
)
def test_a_list_looks_further_where_it_looks_for_some(
    arguments: list[str], looks_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    class StopError(Exception):
        pass

    def list_letters(_wanted: object, *, limit: int, body: bool) -> None:
        asked.append((limit, body))
        raise StopError

    monkeypatch.setattr(dead_letters, "list_letters", list_letters)
    assert isinstance(CliRunner().invoke(dlq, ["list", *arguments]).exception, StopError)
    assert asked == [(looks_at, False)]
