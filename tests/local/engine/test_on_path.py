import os
from pathlib import Path

import pytest

from local.engine.on_path import answered_version, find_on_path
from local.engine.versions import Version
from tests.local.engine.conftest import Script

NEWER, OLDER = Version(3, 300, 0), Version(3, 100, 0)


def binary(folder: Path) -> Path:
    folder.mkdir(parents=True)
    file = folder / "pulumi"
    file.write_bytes(b"\x7fELF")
    file.chmod(0o755)
    return file


def test_the_first_that_fits_is_taken_and_the_others_are_told(tmp_path: Path, told: list[str]) -> None:
    versions = {binary(tmp_path / "old"): OLDER, binary(tmp_path / "mute"): None, binary(tmp_path / "new"): NEWER}
    path = os.pathsep.join(["", *(str(file.parent) for file in versions), str(tmp_path / "missing")])
    found = find_on_path(path, besides=tmp_path / "ours", report=told.append, answer=versions.get)
    assert found == (tmp_path / "new" / "pulumi", NEWER)
    assert told == [
        f"engine: {tmp_path / 'old' / 'pulumi'} is 3.100.0; 3.259.0 or later is needed",
        f"engine: {tmp_path / 'mute' / 'pulumi'} is of no version that it tells; 3.259.0 or later is needed",
    ]


def test_our_own_is_not_somebody_elses(tmp_path: Path, told: list[str]) -> None:
    file = binary(tmp_path / "ours")
    (tmp_path / "link").symlink_to(file.parent)
    path = os.pathsep.join([str(file.parent), str(tmp_path / "link")])
    assert find_on_path(path, besides=file.parent, report=told.append, answer=lambda _: NEWER) is None
    assert told == []


def test_wrappers_and_what_cannot_be_run_are_passed_over(tmp_path: Path, script: Script, told: list[str]) -> None:
    wrapper = script(tmp_path / "wrapper" / "pulumi", "exec pulumi")
    plain = binary(tmp_path / "plain")
    plain.chmod(0o644)
    path = os.pathsep.join([str(wrapper.parent), str(plain.parent)])
    assert find_on_path(path, besides=tmp_path / "ours", report=told.append, answer=lambda _: NEWER) is None


def test_a_link_is_followed_to_the_binary(tmp_path: Path, told: list[str]) -> None:
    file = binary(tmp_path / "cellar")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(file)
    found = find_on_path(str(tmp_path / "bin"), besides=tmp_path, report=told.append, answer=lambda _: NEWER)
    assert found == (file, NEWER)


def test_asking_writes_nothing_into_a_home(tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    asked = script(tmp_path / "pulumi", 'mkdir -p "$PULUMI_HOME/logs"; echo "$PULUMI_HOME" > "$0.home"; echo v3.260.1')
    assert answered_version(asked) == Version(3, 260, 1)
    assert not (tmp_path / "home").exists()
    assert not Path((tmp_path / "pulumi.home").read_text().strip()).exists()


def test_the_version_is_what_the_program_answers(tmp_path: Path, script: Script) -> None:
    asked = script(tmp_path / "pulumi", '[ "$1" = version ] && [ "$PULUMI_SKIP_UPDATE_CHECK" = true ] && echo v3.260.1')
    assert answered_version(asked) == Version(3, 260, 1)
    assert answered_version(script(tmp_path / "mute", "true")) is None
    assert answered_version(tmp_path / "missing") is None
