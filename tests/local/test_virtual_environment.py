import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from local import virtual_environment
from local.virtual_environment import Report, SetupError, VirtualEnvironment, last_step

PIP_OUTPUT = """Collecting boto3==1.44.5 (from -r tests/requirements.txt (line 2))
  Downloading boto3-1.44.5-py3-none-any.whl (139 kB)
     ---------------------------------------- 139.9/139.9 kB 1.2 MB/s eta 0:00:00
"""


def silent(_line: str) -> None:
    """Where nothing that is said matters."""


@dataclass(frozen=True)
class Scripted(VirtualEnvironment):
    """Does what `venv` and `pip` would leave behind, and can be killed in between."""

    commands: list[str] = field(default_factory=list)
    dies_at: str | None = None

    def _run(self, command: Sequence[str], report: Report) -> float:
        module = command[2]
        self.commands.append(module)
        report(module)
        packages = self.folder / "lib" / "python3.11" / "site-packages" / "boto3-1.44.5.dist-info"
        packages.mkdir(parents=True, exist_ok=True)
        (packages / "RECORD").touch()
        self.python.parent.mkdir(exist_ok=True)
        self.python.touch()
        if module == self.dies_at:
            raise KeyboardInterrupt
        return 1.0


def interrupt(environment: Scripted, at: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        replace(environment, dies_at=at).make(silent)


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "constraints.txt").write_text("boto3==1.44.5\n")
    (tmp_path / "requirements.txt").write_text("-c constraints.txt\nboto3\n")
    file = tmp_path / "tests" / "requirements.txt"
    file.write_text("# tests\n-r ../requirements.txt\n--constraint=../constraints.txt\n")
    return file


@pytest.fixture
def scripted(tmp_path: Path, requirements: Path) -> Scripted:
    return Scripted("project environment", tmp_path / "env", requirements, tmp_path / "logs" / "pip.log")


def test_a_new_environment_is_made_whole(scripted: Scripted) -> None:
    assert not scripted.is_made()
    scripted.make(silent)
    assert scripted.commands == ["venv", "pip"]
    assert scripted.is_made()


@pytest.mark.parametrize("file", ["constraints.txt", "requirements.txt", "tests/requirements.txt"])
def test_a_change_in_any_file_remakes_it_from_nothing(scripted: Scripted, tmp_path: Path, file: str) -> None:
    scripted.make(silent)
    with (tmp_path / file).open("a") as opened:
        opened.write("# changed\n")
    assert not scripted.is_made()
    scripted.make(silent)
    assert scripted.commands == ["venv", "pip"] * 2


def test_another_python_or_folder_makes_it_another(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted.make(silent)
    assert replace(scripted, folder=scripted.folder.parent / "moved").fingerprint() != scripted.fingerprint()
    monkeypatch.setattr("sys.version", "3.14.0")
    assert not scripted.is_made()


def test_an_environment_without_its_python_is_not_made(scripted: Scripted) -> None:
    scripted.make(silent)
    scripted.python.unlink()
    assert not scripted.is_made()


def test_an_interrupted_pip_is_gone_on_with(scripted: Scripted) -> None:
    interrupt(scripted, "pip")
    assert not scripted.is_made()
    scripted.make(silent)
    assert scripted.commands == ["venv", "pip", "pip"]
    assert scripted.is_made()


def test_an_interrupted_venv_is_begun_again(scripted: Scripted) -> None:
    interrupt(scripted, "venv")
    scripted.make(silent)
    assert scripted.commands == ["venv", "venv", "pip"]


def test_a_half_installed_package_is_not_trusted(scripted: Scripted) -> None:
    interrupt(scripted, "pip")
    next(scripted.folder.rglob("RECORD")).unlink()
    scripted.make(silent)
    assert scripted.commands == ["venv", "pip", "venv", "pip"]


def test_an_interrupted_remake_does_not_count_as_made(scripted: Scripted, requirements: Path) -> None:
    before = requirements.read_text()
    scripted.make(silent)
    requirements.write_text(before + "moto\n")
    interrupt(scripted, "pip")
    requirements.write_text(before)
    assert not scripted.is_made()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setattr(virtual_environment, "find_spec", lambda name: None if name == module else object())
    with pytest.raises(SetupError, match=rf"has no `{module}` module; install it .*python3\.\d+-venv"):
        scripted.make(silent)
    assert scripted.commands == []


def test_the_last_step_is_what_pip_said_last() -> None:
    assert last_step("") == "starting"
    assert last_step(PIP_OUTPUT) == "Downloading boto3-1.44.5-py3-none-any.whl (139 kB)"
    assert len(last_step("Installing collected packages: " + "numpy, " * 99)) < 100


def test_real_pip_makes_one_and_tells_why_it_cannot(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"{tmp_path}/tiny-1.0-py3-none-any.whl\n")
    environment = VirtualEnvironment("small one", tmp_path / "a room's env", requirements, tmp_path / "pip.log")
    told: list[str] = []
    environment.make(told.append)
    assert environment.is_made()
    assert list(environment.folder.rglob("tiny.py"))
    assert told[-1].startswith("small one: done in ")

    broken = replace(environment, requirements=tmp_path / "broken.txt")
    broken.requirements.write_text("--no-index\nno-such-package\n")
    (broken.folder / "begun-from").write_text(broken.fingerprint())  # spares the test another venv
    with pytest.raises(SetupError) as caught:
        broken.make(silent)
    assert not broken.is_made()
    message = str(caught.value)
    assert "small one: `-m pip install` failed" in message
    assert "No matching distribution found for no-such-package" in message
    assert str(tmp_path / "pip.log") in message
