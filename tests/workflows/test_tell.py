import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflows.pretended_github import BOT, Repository, server
from tests.workflows.reading import GITHUB

STACKS = ("dev", "prod")
RUN = "https://github.example/owner/queues/actions/runs/7"

Tell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def repository() -> Repository:
    return Repository()


@pytest.fixture
def found(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def tell(repository: Repository) -> Iterator[Tell]:
    """Runs the script as the workflows do: as a process, against a GitHub on this machine."""
    serving = server(repository)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    environment = {
        **os.environ,
        "GH_TOKEN": "of-this-run",
        "GITHUB_API_URL": f"http://127.0.0.1:{serving.server_port}",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "owner/queues",
        "GITHUB_RUN_ID": "7",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }

    def run(*arguments: str | Path, succeeds: bool = True) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(GITHUB / "scripts" / "tell.py"), *map(str, arguments)]
        completed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (completed.returncode == 0) is succeeds, completed.stderr
        return completed

    yield run
    serving.shutdown()
    thread.join()
    serving.server_close()


def test_a_pull_request_gets_one_comment_that_is_changed_not_repeated(
    tell: Tell, repository: Repository, found: Path
) -> None:
    (found / "access-dev.md").write_text("## Access: stack dev\n\nas expected\n")
    (found / "access-prod.md").write_text("## Access: stack prod\n\nwidened\n")
    tell("comment", "12", found, *STACKS)
    (comment,) = repository.comments[12]
    assert comment["body"].index("as expected") < comment["body"].index("widened")
    assert repository.tokens == {"Bearer of-this-run"}
    (found / "access-prod.md").write_text("## Access: stack prod\n\nmended\n")
    tell("comment", "12", found, *STACKS)
    (comment,) = repository.comments[12]
    assert "mended" in comment["body"]
    assert "widened" not in comment["body"]


def test_what_others_have_written_is_left_alone_however_much_there_is(
    tell: Tell, repository: Repository, found: Path
) -> None:
    mark = "<!-- who may do what -->"
    foreign = [repository.add_comment(12, f"{mark} {at}", "somebody") for at in range(100)]
    repository.add_comment(12, "coverage is up")
    earlier = repository.add_comment(12, f"{mark}\n\nthe first")
    before = [dict(one) for one in foreign]
    tell("comment", "12", found, *STACKS)
    assert foreign == before
    assert repository.writes == [f"PATCH issues/comments/{earlier['id']}"]


def test_a_stack_that_could_not_be_compared_is_named_with_the_run_that_says_why(
    tell: Tell, repository: Repository, found: Path
) -> None:
    (found / "access-dev.md").write_text("## Access: stack dev\n\nas expected")
    tell("comment", "12", found, *STACKS)
    assert (
        f"## Access: stack prod\n\nThis could not be found out; [the run]({RUN})" in repository.comments[12][0]["body"]
    )


def test_where_there_is_no_room_what_differs_stays(tell: Tell, repository: Repository, found: Path) -> None:
    for stack in STACKS:
        rows = "| a row |\n" * 5000
        (found / f"access-{stack}.md").write_text(
            f"## Access: stack {stack}\n\nwidened\n\n<details>\n\n{rows}</details>"
        )
    tell("comment", "12", found, *STACKS)
    body = repository.comments[12][0]["body"]
    assert body.count("widened") == 2
    assert "a row" not in body
    assert RUN in body


def test_what_fits_nowhere_is_cut(tell: Tell, repository: Repository, found: Path) -> None:
    (found / "access-dev.md").write_text("widened\n" * 10_000)
    tell("comment", "12", found, *STACKS)
    body = repository.comments[12][0]["body"]
    assert len(body) < 65_536
    assert body.endswith("has all of it.")


def test_drift_opens_an_issue_which_is_brought_up_to_date_and_closed(
    tell: Tell, repository: Repository, found: Path
) -> None:
    (found / "drift-dev.md").write_text("")
    (found / "drift-prod.md").write_text("the queue hides messages for 30 s")
    tell("issues", found, *STACKS)
    (issue,) = repository.issues
    assert (issue["title"], issue["state"], issue["user"]["login"]) == ("Drift in prod", "open", BOT)
    assert "30 s" in issue["body"]
    (found / "drift-prod.md").write_text("the queue hides messages for 40 s")
    tell("issues", found, *STACKS)
    assert len(repository.issues) == 1
    assert "40 s" in issue["body"]
    (found / "drift-prod.md").write_text("")
    tell("issues", found, *STACKS)
    assert (len(repository.issues), issue["state"]) == (1, "closed")
    assert RUN in repository.comments[issue["number"]][0]["body"]


def test_drift_that_comes_back_gets_an_issue_of_its_own(tell: Tell, repository: Repository, found: Path) -> None:
    repository.add_issue("Drift in dev", state="closed")
    (found / "drift-dev.md").write_text("a role is gone")
    (found / "drift-prod.md").write_text("")
    tell("issues", found, *STACKS)
    assert [one["state"] for one in repository.issues] == ["closed", "open"]


def test_a_look_that_failed_opens_an_issue_too(tell: Tell, repository: Repository, found: Path) -> None:
    (found / "drift-dev.md").write_text("")
    tell("issues", found, *STACKS)
    (issue,) = repository.issues
    assert issue["title"] == "Drift in prod"
    assert "could not be found out" in issue["body"]


def test_an_issue_of_the_same_title_that_somebody_else_has_opened_is_theirs(
    tell: Tell, repository: Repository, found: Path
) -> None:
    theirs = repository.add_issue("Drift in dev", "I saw it", "somebody")
    pull_request = repository.add_issue("Drift in prod", "mends it", pull_request={})
    (found / "drift-dev.md").write_text("a role is gone")
    (found / "drift-prod.md").write_text("")
    tell("issues", found, *STACKS)
    assert (theirs["body"], pull_request["state"]) == ("I saw it", "open")
    assert [one["title"] for one in repository.issues[2:]] == ["Drift in dev"]


@pytest.mark.parametrize("arguments", [(), ("comment", "twelve", ".", "dev"), ("comment", "12", "."), ("issues", ".")])
def test_a_wrong_call_is_told_how_it_is_called(tell: Tell, arguments: tuple[str, ...]) -> None:
    assert tell(*arguments, succeeds=False).stderr.startswith("usage: ")
