from pathlib import Path

import pytest

from local.engine import build as module
from local.engine.build import MODULE, BuildError, build, discard_caches
from local.engine.on_path import answered_version
from local.engine.watched import run_watched
from tests.local.engine.conftest import Script, silent

GO = """
echo "$PWD $*" >> "$GOCALLS"
case $1 in
list) echo "go: downloading x.dev/a v1.0.0" >&2; printf 'errors\\nio\\nx.dev/a\\n' ;;
build)
  printf 'errors\\nio\\n' >&2
  [ -z "$GOFAILS" ] || { echo "# x.dev/a"; echo "a.go:1:1: undefined: b"; exit 1; }
  while [ "$1" != -o ]; do shift; done
  printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"; chmod +x "$2" ;;
esac
"""


@pytest.fixture
def go(tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GOCALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("GOFAILS", "")
    return script(tmp_path / "go", GO)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "engine"
    made.mkdir()
    return made


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


def test_the_pinned_module_is_built_and_logged(tmp_path: Path, folder: Path, go: Path, told: list[str]) -> None:
    binary = build(go, folder, tmp_path / "log", told.append)
    assert answered_version(binary) == (3, 259, 0)
    found, built = calls(tmp_path)
    assert found == f"{folder}/module list -deps github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    assert "-trimpath" in built
    assert "version.Version=v3.259.0" in built
    assert (folder / "module" / "go.sum").read_bytes() == (MODULE / "go.sum").read_bytes()
    assert "go: downloading x.dev/a v1.0.0\n" in (tmp_path / "log").read_text()
    assert told == ["engine: building pulumi 3.259.0 from source; takes 3 to 5 minutes on two cores, once"]


def test_a_binary_that_is_whole_is_not_built_again(tmp_path: Path, folder: Path, go: Path, script: Script) -> None:
    whole = script(folder / "pulumi", "echo v3.259.0")
    assert build(go, folder, tmp_path / "log", pytest.fail) == whole
    assert not (tmp_path / "calls").exists()


def test_a_binary_of_another_version_is(tmp_path: Path, folder: Path, go: Path, script: Script) -> None:
    script(folder / "pulumi", "echo v3.200.0")
    build(go, folder, tmp_path / "log", silent)
    assert len(calls(tmp_path)) == 2


def test_progress_counts_against_what_was_found(
    tmp_path: Path, folder: Path, go: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ticking(command: list[str], **how: object) -> int:
        status = run_watched(command, **how)  # type: ignore[arg-type]  # handed on as they come
        how["on_tick"]()  # type: ignore[operator]  # likewise
        return status

    monkeypatch.setattr(module, "run_watched", ticking)
    build(go, folder, tmp_path / "log", told.append)
    assert told[1:] == ["engine: 1 modules downloaded, 0 s", "engine: 2 of 3 packages compiled (66 %), 0 s"]


def test_a_failure_says_what_go_said_last_and_leaves_no_binary(
    tmp_path: Path, folder: Path, go: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFAILS", "yes")
    with pytest.raises(BuildError, match=r"`go build` failed; its last lines:\n(.*\n)*    a.go:1:1: undefined: b$"):
        build(go, folder, tmp_path / "log", told.append)
    assert not (folder / "pulumi").exists()
    assert "undefined: b" in (tmp_path / "log").read_text()


def test_only_caches_are_discarded(folder: Path) -> None:
    for name in ("go-modules", "go-cache", "go-path", "go-config", "go", "module", "official"):
        (folder / name / "deep").mkdir(parents=True)
    (folder / "engine.json").touch()
    discard_caches(folder)
    assert {one.name for one in folder.iterdir()} == {"official", "engine.json"}
