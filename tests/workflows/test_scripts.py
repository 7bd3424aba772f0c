"""The workflows' shell scripts, run as GitHub runs them, with small commands in the place of the big ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.commands import script
from tests.workflows.reading import GITHUB, job

PREVIEW, COMPARE = "Preview under the policy pack", "Compare who may do what with what is expected"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts, a `pulumi` that says how it was called, and a comparison that finds nothing."""
    (tmp_path / ".github").symlink_to(GITHUB)
    (tmp_path / "policies" / "config").mkdir(parents=True)
    for stack in ("dev", "prod"):
        (tmp_path / "policies" / "config" / f"{stack}.json").write_text("{}")
    script(tmp_path / "bin" / "pulumi", 'echo "pulumi $*"')
    script(tmp_path / ".venv" / "bin" / "python", 'echo "python $*"')
    return tmp_path


def run(checkout: Path, command: list[str], **variables: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join([str(checkout / "bin"), os.environ["PATH"]])
    summary = {"GITHUB_STEP_SUMMARY": str(checkout / "summary.md")}
    environment = {name: value for name, value in os.environ.items() if name != "STACK"} | summary
    environment |= {"PATH": path} | variables
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def step(checkout: Path, name: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A step of preview.yml, with GitHub's own shell for `run`."""
    text = job("preview.yml", "preview").step(name)["run"]
    return run(checkout, ["bash", "-e", "-c", text], STACK="prod", **variables)


def under_pack(checkout: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return run(checkout, [".github/scripts/under_pack.sh", *arguments], **variables)


def drift(checkout: Path) -> tuple[int, str]:
    ended = run(checkout, [".github/scripts/drift.sh", "report.md"], STACK="prod")
    return ended.returncode, (checkout / "report.md").read_text()


def test_a_command_runs_under_the_pack_with_the_stacks_configuration_of_it(checkout: Path) -> None:
    said = under_pack(checkout, "preview", "--diff", STACK="prod").stdout
    assert said == (
        "pulumi preview --diff --stack prod --non-interactive --color never"
        " --policy-pack policies --policy-pack-config policies/config/prod.json\n"
    )


def test_without_a_configuration_of_the_pack_nothing_runs_and_it_says_so(checkout: Path) -> None:
    ended = under_pack(checkout, "up", STACK="blue")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "policies/config/blue.json is missing" in ended.stderr


def test_without_a_stack_it_says_so(checkout: Path) -> None:
    ended = under_pack(checkout, "up")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "STACK: is not set" in ended.stderr


def test_what_pulumi_ends_with_the_command_ends_with(checkout: Path) -> None:
    script(checkout / "bin" / "pulumi", "exit 7")
    assert under_pack(checkout, "up", STACK="dev").returncode == 7


def test_a_preview_is_shown_in_the_log_and_in_the_summary_even_when_it_is_refused(checkout: Path) -> None:
    script(checkout / "bin" / "pulumi", 'echo "mandatory: no queue without a policy" >&2; exit 3')
    ended = step(checkout, PREVIEW)
    assert ended.returncode == 3
    for shown in (ended.stdout, (checkout / "summary.md").read_text()):
        assert "no queue without a policy" in shown


def test_a_comparison_that_fails_fails_the_step_and_leaves_what_differs(checkout: Path) -> None:
    script(checkout / ".venv" / "bin" / "python", "echo widened > access-prod.md; exit 1")
    assert step(checkout, COMPARE).returncode == 1
    assert (checkout / "access-prod.md").read_text() == "widened\n"
    assert "widened" in (checkout / "summary.md").read_text()


def git(checkout: Path, *arguments: str) -> None:
    somebody = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(checkout), *somebody, *arguments], check=True, capture_output=True)  # noqa: S607 - git from the PATH


def test_a_pull_request_is_compared_with_what_its_base_branch_expects_too(checkout: Path) -> None:
    expected = checkout / "access" / "expected.json"
    expected.parent.mkdir()
    git(checkout, "init", "--quiet")
    for content in ("before", "after"):
        expected.write_text(content)
        git(checkout, "add", "access")
        git(checkout, "commit", "--quiet", "--message", content)
    said = step(checkout, COMPARE, BASE="HEAD^1").stdout
    assert "--stack prod --check --base expected-before.json --format markdown" in said
    assert (checkout / "expected-before.json").read_text() == "before"


@pytest.mark.parametrize("base", ["", "HEAD^1"], ids=["no pull request", "a base without the file"])
def test_without_a_base_it_is_compared_with_its_own_alone(checkout: Path, base: str) -> None:
    git(checkout, "init", "--quiet")
    ended = step(checkout, COMPARE, BASE=base)
    assert ended.returncode == 0
    assert "--stack prod --check --format markdown" in ended.stdout


def test_a_program_that_cannot_be_previewed_leaves_no_comparison(checkout: Path) -> None:
    script(checkout / "bin" / "pulumi", "exit 3")
    assert step(checkout, COMPARE).returncode == 3
    assert not (checkout / "access-prod.md").exists()


def test_where_nothing_has_drifted_the_report_is_empty(checkout: Path) -> None:
    assert drift(checkout) == (0, "")


def test_a_look_that_is_cut_off_leaves_no_report_that_says_all_is_well(checkout: Path) -> None:
    for name in ("begun", "held"):
        os.mkfifo(checkout / name)
    script(checkout / "bin" / "pulumi", "echo > begun; cat held")
    path = os.pathsep.join([str(checkout / "bin"), os.environ["PATH"]])
    command = [".github/scripts/drift.sh", "report.md"]
    with subprocess.Popen(
        command, cwd=checkout, env={**os.environ, "PATH": path, "STACK": "prod"}, stdout=subprocess.DEVNULL
    ) as looking:
        (checkout / "begun").read_text()  # waits until it has
        looking.kill()
    (checkout / "held").write_text("")  # lets go
    assert not (checkout / "report.md").exists()


@pytest.mark.parametrize(
    ("command", "answer", "heading"),
    [
        ("bin/pulumi", 'test "$1" != preview', "What is there is not what the program says"),
        ("bin/pulumi", 'test "$1" != policy', "The policy pack refuses what is deployed"),
        (".venv/bin/python", "false", "Who may do what is not what is expected"),
    ],
)
def test_each_drift_is_reported_by_itself(checkout: Path, command: str, answer: str, heading: str) -> None:
    script(checkout / command, f'echo "$*"\n{answer}')
    status, report = drift(checkout)
    assert status == 1
    assert report.startswith(f"### {heading}\n\n")
    assert report.count("### ") == 1


def test_of_a_comparison_the_report_takes_what_differs_as_it_is(checkout: Path) -> None:
    script(checkout / ".venv" / "bin" / "python", "echo '| widened |'; echo '<details>all</details>'; exit 1")
    lines = [line for line in drift(checkout)[1].splitlines() if line]
    assert lines == ["### Who may do what is not what is expected", "| widened |"]


def test_all_that_has_drifted_is_reported(checkout: Path) -> None:
    for command in ("bin/pulumi", ".venv/bin/python"):
        script(checkout / command, 'echo "said: $*"; exit 1')
    status, report = drift(checkout)
    assert status == 1
    assert "said: preview --stack prod --non-interactive --color never --refresh --expect-no-changes --diff" in report
    assert "said: policy analyze --stack prod --non-interactive --color never --policy-pack policies" in report
    assert "said: -m access --live --stack prod --check --format markdown" in report


def test_the_installer_says_how_it_is_called() -> None:
    command = [sys.executable, str(GITHUB / "scripts" / "install_pulumi.py")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "usage: install_pulumi.py FOLDER\n")
