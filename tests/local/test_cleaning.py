from pathlib import Path

import pytest

from local.cleaning import clean
from local.lock import LockedError, held
from local.paths import LocalPaths


@pytest.fixture
def paths(tmp_path: Path) -> LocalPaths:
    made = LocalPaths(project=tmp_path, run=tmp_path / ".local")
    python = made.environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@" > stopped\n')
    python.chmod(0o755)
    (tmp_path / ".pytest_cache").mkdir()
    return made


def test_all_is_gone_after_the_emulator_was_stopped(paths: LocalPaths) -> None:
    clean(paths)
    assert (paths.project / "stopped").read_text() == "-m local stop\n"
    assert [one.name for one in paths.project.iterdir()] == ["stopped"]


def test_an_environment_that_does_not_work_is_removed_as_well(paths: LocalPaths) -> None:
    (paths.environment / "bin" / "python").unlink()
    clean(paths)
    assert not paths.tools.exists()


def test_nothing_to_remove_is_no_failure(tmp_path: Path) -> None:
    clean(LocalPaths(project=tmp_path, run=tmp_path / ".local"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lock", ["setup_lock", "run_lock"])
def test_what_is_at_work_is_left_alone(paths: LocalPaths, lock: str) -> None:
    with (
        held(getattr(paths, lock), purpose="make demo", wait_seconds=0, report=pytest.fail),
        pytest.raises(LockedError, match=r"`make demo` .* is still at work"),
    ):
        clean(paths)
    assert paths.environment.exists()
