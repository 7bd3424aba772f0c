from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from local.engine import download as module
from local.engine.download import download

Answers = Callable[..., list[float]]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answers:
    """Says whether the host is reached and whether its installer succeeds and leaves a binary."""

    def say(*, reached: bool, installed: bool = False, leaves: bool = False) -> list[float]:
        bounds: list[float] = []

        def run(
            command: Sequence[str], *, seconds: float, environment: Mapping[str, str] | None = None, **_: object
        ) -> str | None:
            bounds.append(seconds)
            if len(bounds) == 1:
                return "" if reached else None
            assert command[-2:] == [str(tmp_path / "official"), "3.259.0"]
            assert environment
            assert environment["PULUMI_HOME"] == str(tmp_path / "official" / "home")
            if leaves:
                (tmp_path / "official" / "bin").mkdir(parents=True)
                (tmp_path / "official" / "bin" / "pulumi").touch()
            return "" if installed else None

        monkeypatch.setattr(module, "output_within", run)
        return bounds

    return say


def test_a_host_out_of_reach_is_found_out_within_ten_seconds(tmp_path: Path, answers: Answers, told: list[str]) -> None:
    bounds = answers(reached=False)
    assert download(tmp_path / "official", tmp_path / "log", told.append) is None
    assert sum(bounds) < 10
    assert told == ["engine: the official download is out of reach from here"]


def test_what_the_installer_leaves_is_taken(tmp_path: Path, answers: Answers, told: list[str]) -> None:
    bounds = answers(reached=True, installed=True, leaves=True)
    assert download(tmp_path / "official", tmp_path / "log", told.append) == tmp_path / "official" / "bin" / "pulumi"
    assert bounds[1] == 300
    assert told == ["engine: downloading pulumi 3.259.0 (at most 300 s)"]


@pytest.mark.parametrize(("installed", "leaves"), [(False, True), (True, False)])
def test_a_failed_or_empty_installation_is_not_taken(
    tmp_path: Path, answers: Answers, told: list[str], *, installed: bool, leaves: bool
) -> None:
    answers(reached=True, installed=installed, leaves=leaves)
    assert download(tmp_path / "official", tmp_path / "log", told.append) is None
    assert told[-1] == f"engine: the download failed (see {tmp_path / 'log'})"
