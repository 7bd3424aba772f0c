from pathlib import Path

import pytest

from local.engine.launchers import write_launchers
from local.paths import LocalPaths


def test_two_runs_that_write_them_at_once_do_not_trip_over_each_other(
    paths: LocalPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, others = Path.replace, ["another run"]

    def replace_after_another_run(file: Path, target: Path) -> Path:
        if others and others.pop():
            with monkeypatch.context() as another:
                another.setattr("os.getpid", lambda: 1)
                write_launchers(paths)
        return replace(file, target)

    monkeypatch.setattr(Path, "replace", replace_after_another_run)
    write_launchers(paths)
    assert {file.name for file in paths.binaries.iterdir()} == {"pulumi-language-python", "aws"}
