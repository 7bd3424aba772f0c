"""Building actionlint, with a small `go` in the place of the big one."""

from pathlib import Path

import pytest

from local.linters.__main__ import main
from local.linters.actionlint import ActionlintUnavailableError, ensure_actionlint, pinned_version
from local.paths import LocalPaths
from tests.local.commands import script

BUILDS = r"""
case "$1" in
  version) echo "go version go1.99.0 linux/amd64" ;;
  build)
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\necho v%s\n' "$VERSION" > "$2"
    chmod +x "$2"
    mkdir -p "$GOMODCACHE" "$GOCACHE"
    echo built >> "$BUILDS_LOG"
    ;;
esac
"""
FAILS = r"""
case "$1" in
  version) echo "go version go1.99.0 linux/amd64" ;;
  build) echo "dial tcp: no route to the module proxy" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalPaths:
    for name in ("GOPATH", "GOMODCACHE", "GOCACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("VERSION", str(pinned_version()))
    monkeypatch.setenv("BUILDS_LOG", str(tmp_path / "builds"))
    return LocalPaths(project=tmp_path, run=tmp_path / ".local")


def test_it_is_built_once_from_the_pinned_module_and_leaves_no_caches(paths: LocalPaths) -> None:
    script(paths.project / "bin" / "go", BUILDS)
    told: list[str] = []
    binary = ensure_actionlint(paths, told.append)
    assert ensure_actionlint(paths, told.append) == binary
    assert (paths.project / "builds").read_text() == "built\n"
    assert told == [f"linters: building actionlint {pinned_version()}"]
    assert [file.name for file in binary.parent.iterdir()] == ["actionlint"]


def test_one_of_an_older_pin_is_built_anew(paths: LocalPaths) -> None:
    script(paths.project / "bin" / "go", BUILDS)
    script(paths.tools / "actionlint" / "actionlint", "echo v0.0.1")
    ensure_actionlint(paths, lambda _: None)
    assert (paths.project / "builds").read_text() == "built\n"


def test_a_build_that_fails_says_why_and_leaves_no_binary(
    paths: LocalPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    script(paths.project / "bin" / "go", FAILS)
    with pytest.raises(ActionlintUnavailableError, match="no route to the module proxy"):
        ensure_actionlint(paths, lambda _: None)
    assert not (paths.tools / "actionlint" / "actionlint").exists()
    assert main(["workflows"], paths) == 1
    assert "error: actionlint could not be built" in capsys.readouterr().err


def test_without_go_it_says_what_is_missing(paths: LocalPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.linters.actionlint.find_go", lambda *_: None)
    with pytest.raises(ActionlintUnavailableError, match="install Go"):
        ensure_actionlint(paths, lambda _: None)
