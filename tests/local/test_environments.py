import ast
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from local import environments
from local.lock import held
from local.paths import PROJECT, LocalPaths
from local.virtual_environment import SetupError, VirtualEnvironment


def silent(_line: str) -> None:
    """Where nothing that is said matters."""


@dataclass(frozen=True)
class Pretended(VirtualEnvironment):
    """Made by touching a file."""

    fails: bool = False

    def is_made(self) -> bool:
        return self.folder.exists()

    def make(self, report: Callable[[str], None]) -> None:
        assert self.inherited_fds, "pip would not hold the lock"
        if self.fails:
            raise SetupError(f"{self.name}: no index")
        report(f"made {self.name}")
        self.folder.mkdir(parents=True)


@pytest.fixture
def paths(tmp_path: Path) -> LocalPaths:
    return LocalPaths(project=tmp_path, run=tmp_path / ".local")


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def pretend(*, emulator_fails: bool = False) -> None:
        def two(paths: LocalPaths) -> tuple[Pretended, Pretended]:
            project = Pretended("project", paths.environment, paths.project, paths.project)
            emulator = Pretended(
                "emulator", paths.emulator_environment, paths.project, paths.project, fails=emulator_fails
            )
            return project, emulator

        monkeypatch.setattr(environments, "environments", two)

    pretend()
    return pretend


def test_the_real_ones_stand_in_the_ignored_folder_and_come_from_files_that_exist() -> None:
    for one in environments.environments(LocalPaths()):
        assert one.folder.parent == PROJECT / ".local"
        assert one.requirements.is_file()
        assert len(one.fingerprint()) == 64


@pytest.mark.usefixtures("pretended")
def test_what_is_missing_is_made_once(paths: LocalPaths) -> None:
    told: list[str] = []
    paths.environment.mkdir(parents=True)
    environments.make_environments(paths, told.append)
    environments.make_environments(paths, told.append)
    assert told == ["made emulator"]


@pytest.mark.usefixtures("pretended")
def test_the_fast_tests_need_the_projects_only(paths: LocalPaths) -> None:
    told: list[str] = []
    environments.make_environments(paths, told.append, project_only=True)
    assert told == ["made project"]


@pytest.mark.usefixtures("pretended")
def test_made_environments_wait_for_nobody(paths: LocalPaths) -> None:
    environments.make_environments(paths, silent)
    with held(paths.setup_lock, purpose="other", wait_seconds=0, report=silent):
        environments.make_environments(paths, pytest.fail)


def test_one_that_fails_leaves_the_other_made(paths: LocalPaths, pretended: Callable[..., None]) -> None:
    pretended(emulator_fails=True)
    with pytest.raises(SetupError, match="emulator: no index"):
        environments.make_environments(paths, silent)
    assert paths.environment.exists()


@pytest.mark.parametrize(
    ("arguments", "command", "project_only"),
    [
        (["python", "-m", "local", "up"], ["python", "-m", "local", "up"], False),
        (["--project-only", "ruff", "check"], ["ruff", "check"], True),
    ],
)
def test_the_command_takes_this_process_over(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], command: list[str], *, project_only: bool
) -> None:
    class Became(Exception):  # noqa: N818 - stands for the process's end
        pass

    seen: list[object] = []

    def become(file: str, words: list[str], environment: Mapping[str, str]) -> NoReturn:
        seen.extend([file, words, environment["PATH"].split(":")[0]])
        raise Became

    monkeypatch.setattr(
        environments, "make_environments", lambda _paths, _report, *, project_only: seen.append(project_only)
    )
    monkeypatch.setattr("os.execvpe", become)
    with pytest.raises(Became):
        environments.main(arguments)
    assert seen == [project_only, command[0], command, str(PROJECT / ".local" / "env" / "bin")]


def test_a_failure_ends_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise SetupError("pip failed")

    monkeypatch.setattr(environments, "make_environments", fail)
    with pytest.raises(SystemExit, match=r"^error: pip failed$"):
        environments.main(["python"])


def test_no_command_is_answered_with_the_usage() -> None:
    with pytest.raises(SystemExit, match=r"^usage: .*COMMAND"):
        environments.main([])


def test_an_older_python_is_told_so_in_one_line() -> None:
    source = PROJECT / "local" / "environments.py"
    ast.parse(source.read_text(), feature_version=(3, 7))  # else it would answer with a syntax error
    script = "import sys, runpy; sys.version_info = (3, 8, 18); runpy.run_module('local.environments', run_name='x')"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=30
    )
    assert run.returncode == 1
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith("error: this is Python 3.8 (")
    assert "3.11 or later is needed" in line
