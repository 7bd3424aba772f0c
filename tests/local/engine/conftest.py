"""Programs that answer as the tests say, in place of `pulumi` and `go`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import LocalPaths

Script = Callable[[Path, str], Path]


def silent(_line: str) -> None:
    """Where nothing that is said matters."""


@pytest.fixture
def script() -> Script:
    """Writes a shell script at a path, and returns the path."""

    def write(file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
        return file

    return write


@pytest.fixture
def told() -> list[str]:
    """What was reported."""
    return []


@pytest.fixture
def paths(tmp_path: Path) -> LocalPaths:
    """A checkout whose path wants quoting."""
    project = tmp_path / 'it\'s a "room" $HOME'
    project.mkdir()
    return LocalPaths(project=project, run=project / ".local")
