"""That the workflows' linters are there, read what is written, and that `make lint` heeds them."""

import os
import shutil
from pathlib import Path

import pytest

from local.linters.__main__ import main
from local.linters.actionlint import built_actionlint, pinned_version
from local.linters.workflows import Found, lint_workflows
from local.paths import PROJECT, LocalPaths

PROGRAMS = LocalPaths().environment / "bin"


@pytest.fixture(scope="module")
def actionlint() -> Path:
    if (binary := built_actionlint(LocalPaths())) is None:
        word = f"actionlint {pinned_version()} is missing: run `make linters`"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    return binary


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what is linted, for a test to spoil; a project by its `.git`, as actionlint looks for one."""
    shutil.copytree(PROJECT / ".github", tmp_path / ".github")
    (tmp_path / ".git").mkdir()
    return tmp_path


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def findings(checkout: Path, actionlint: Path) -> dict[str, Found]:
    found = {one.linter: one for one in lint_workflows(checkout, actionlint, PROGRAMS)}
    assert set(found) == {"actionlint", "zizmor", "shellcheck"}
    return {name: one for name, one in found.items() if not one.passed}


def test_nothing_is_found(checkout: Path, actionlint: Path) -> None:
    assert findings(checkout, actionlint) == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "linter", "words"),
    [
        (
            "workflows/update.yml",
            "update-${{ inputs.stack",
            "update-${{ inputs.stak",
            "actionlint",
            'property "stak" is not defined',
        ),
        ("workflows/preview.yml", "900000 preview.txt", "900000 $STACK", "actionlint", "shellcheck reported issue"),
        (
            "workflows/deploy.yml",
            "      stack: dev\n",
            "      stage: dev\n",
            "actionlint",
            'input "stage" is not defined',
        ),
        ("workflows/ci.yml", "persist-credentials: false", "fetch-depth: 1", "zizmor", "artipacked"),
        ("workflows/ci.yml", "@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7", "zizmor", "unpinned-uses"),
        ("workflows/ci.yml", "  pull_request:\n", "  pull_request_target:\n", "zizmor", "dangerous-triggers"),
        ("actions/pulumi/action.yml", " # zizmor: ignore[github-env]", "", "zizmor", "github-env"),
        ("scripts/drift.sh", '> "${unfinished}"', "> ${unfinished}", "shellcheck", "SC2086"),
    ],
)
def test_what_is_wrong_is_found(  # noqa: PLR0913, PLR0917 - one argument a column
    checkout: Path, actionlint: Path, file: str, old: str, new: str, linter: str, words: str
) -> None:
    spoil(checkout / ".github" / file, old, new)
    found = findings(checkout, actionlint)
    assert words in found[linter].said


def test_a_finding_fails_the_command_and_is_shown(
    checkout: Path, actionlint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = checkout / ".local"
    (tools / "actionlint").mkdir(parents=True)
    (tools / "actionlint" / "actionlint").symlink_to(actionlint)
    (tools / "env").symlink_to(LocalPaths().environment)
    assert main(["workflows"], LocalPaths(project=checkout)) == 0
    assert capsys.readouterr().err.count("no findings") == 3
    spoil(checkout / ".github" / "scripts" / "drift.sh", '> "${unfinished}"', "> ${unfinished}")
    assert main(["workflows"], LocalPaths(project=checkout)) == 1
    assert "SC2086" in capsys.readouterr().err


def test_a_binary_of_another_version_is_not_taken(tmp_path: Path) -> None:
    paths = LocalPaths(project=tmp_path)
    binary = tmp_path / ".local" / "actionlint" / "actionlint"
    assert built_actionlint(paths) is None
    for said, taken in ((str(pinned_version()), binary), ("0.0.1", None)):
        binary.parent.mkdir(parents=True, exist_ok=True)
        binary.write_text(f"#!/bin/sh\necho v{said}\n")
        binary.chmod(0o755)
        assert built_actionlint(paths) == taken


@pytest.mark.parametrize("arguments", [[], ["everything"]])
def test_a_wrong_call_is_told_how_it_is_called(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: ")
