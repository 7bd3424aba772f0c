from pathlib import Path

import pytest

from local.linters import environment
from local.linters.environment import document_linters, make_document_linters
from local.paths import PROJECT, LocalPaths
from local.virtual_environment import Report, VirtualEnvironment


def test_the_real_one_stands_in_the_ignored_folder_and_comes_from_pinned_requirements() -> None:
    linters = document_linters(LocalPaths())
    assert linters.folder.parent == PROJECT / ".local"
    wanted = [line for line in linters.requirements.read_text().splitlines() if line and line[0] not in "#-"]
    pinned = (linters.requirements.parent / "constraints.txt").read_text().splitlines()
    assert wanted
    assert set(wanted) <= set(pinned)


def test_it_is_made_once_and_the_lock_is_held_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, ...]] = []

    class Pretended(VirtualEnvironment):
        def is_made(self) -> bool:
            return bool(made)

        def make(self, report: Report) -> None:
            report("made")
            made.append(self.inherited_fds)

    def pretended(paths: LocalPaths) -> VirtualEnvironment:
        return Pretended("linters", paths.tools / "linters-env", tmp_path, tmp_path)

    monkeypatch.setattr(environment, "document_linters", pretended)
    paths, told = LocalPaths(project=tmp_path), list[str]()
    for _ in range(2):
        make_document_linters(paths, told.append)
    assert told == ["made"]
    ((descriptor,),) = made
    assert isinstance(descriptor, int)
