import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engine import Engine, EngineUnavailableError, ensure, ensure_engine
from local.engine.build import BuildError
from local.engine.on_path import answered_version
from local.engine.versions import PINNED, Version
from local.lock import held
from local.paths import LocalPaths
from tests.local.engine.conftest import Script, silent

World = Callable[..., list[str]]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, script: Script, tmp_path: Path) -> World:
    """What can be had in this world; returns what was tried, in order."""

    def make(*, on_path: str = "", downloads: bool = False, go: bool = False, builds: bool = True) -> list[str]:
        tried: list[str] = []

        def binary(name: str, version: str) -> Path:
            return script(tmp_path / name / "pulumi", f"echo v{version}")

        def find_on_path(*_: object, **__: object) -> tuple[Path, Version] | None:
            tried.append("path")
            return (binary("path", on_path), Version(*map(int, on_path.split(".")))) if on_path else None

        def download(*_: object) -> Path | None:
            tried.append("download")
            return binary("download", str(PINNED)) if downloads else None

        def find_go(*_: object) -> Path | None:
            tried.append("go")
            return Path("/go") if go else None

        def build(*_: object) -> Path:
            tried.append("build")
            if not builds:
                raise BuildError("`go build` failed; its last lines:\n    disk full")
            return binary("build", str(PINNED))

        for one in (find_on_path, download, find_go, build):
            monkeypatch.setattr(ensure, one.__name__, one)
        return tried

    return make


@pytest.mark.parametrize(
    ("what", "tried", "origin", "version"),
    [
        ({"on_path": "3.301.0", "downloads": True, "go": True}, ["path"], "path", "3.301.0"),
        ({"downloads": True, "go": True}, ["path", "download"], "downloaded", "3.259.0"),
        ({"go": True}, ["path", "download", "go", "build"], "built", "3.259.0"),
    ],
)
def test_what_is_there_is_taken_before_what_must_be_got(  # noqa: PLR0913, PLR0917 - a table's columns and three fixtures
    world: World,
    paths: LocalPaths,
    told: list[str],
    what: dict[str, object],
    tried: list[str],
    origin: str,
    version: str,
) -> None:
    seen = world(**what)
    engine = ensure_engine(paths, told.append)
    assert seen == tried
    assert (engine.origin, engine.version, engine.binary) == (origin, version, paths.binaries / "pulumi")
    assert str(answered_version(engine.binary)) == version
    assert told == [f"engine: pulumi {version} ({origin})"]
    assert (paths.binaries / "pulumi-language-python").exists()


def test_the_next_run_takes_what_is_there_without_a_word_or_a_lock(world: World, paths: LocalPaths) -> None:
    world(go=True)
    first = ensure_engine(paths, silent)
    seen = world()
    (paths.binaries / "pulumi-language-python").unlink()
    with held(paths.setup_lock, purpose="other", wait_seconds=0, report=pytest.fail):
        assert ensure_engine(paths, pytest.fail) == first
    assert seen == []
    assert (paths.binaries / "pulumi-language-python").exists()


@pytest.mark.parametrize("damage", ["binary gone", "record gone", "record broken", "too old"])
def test_what_does_not_hold_any_more_is_got_again(
    world: World, paths: LocalPaths, told: list[str], damage: str
) -> None:
    world(go=True)
    ensure_engine(paths, told.append)
    record = paths.engine / "engine.json"
    match damage:
        case "binary gone":
            (paths.binaries / "pulumi").unlink()
        case "record gone":
            record.unlink()
        case "record broken":
            record.write_text('{"version"')
        case "too old":
            record.write_text(json.dumps({"version": "3.100.0", "origin": "path"}))
    seen = world(downloads=True)
    assert ensure_engine(paths, told.append).origin == "downloaded"
    assert seen == ["path", "download"]


def test_no_way_at_all_says_what_to_do(world: World, paths: LocalPaths) -> None:
    world()
    with pytest.raises(
        EngineUnavailableError, match=r"no Pulumi CLI 3\.259\.0 or later on PATH.*install the Pulumi CLI"
    ):
        ensure_engine(paths, pytest.fail)


def test_a_failed_build_says_where_it_goes_on_and_where_the_log_is(world: World, paths: LocalPaths) -> None:
    world(go=True, builds=False)
    with pytest.raises(EngineUnavailableError) as caught:
        ensure_engine(paths, pytest.fail)
    assert "disk full" in str(caught.value)
    assert "run the same command again: it goes on where it was" in str(caught.value)
    assert str(paths.logs / "engine.log") in str(caught.value)
    assert not (paths.binaries / "pulumi").exists()


@pytest.mark.engine
def test_the_real_one_answers_and_is_found_at_once() -> None:
    paths = LocalPaths()
    if not (paths.engine / "engine.json").exists():
        word = "the engine is not set up: run `make setup`"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    started = time.monotonic()
    engine = ensure_engine(paths, pytest.fail)
    assert time.monotonic() - started < 1
    assert isinstance(engine, Engine)
    assert str(answered_version(engine.binary)) == engine.version
