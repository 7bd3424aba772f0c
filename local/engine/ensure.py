"""The engine, made available: what is there is taken, else what can be reached, else it is built."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from local.engine.build import BuildError, build, discard_caches
from local.engine.download import download
from local.engine.go_tool import NEEDED, find_go
from local.engine.launchers import write_launchers
from local.engine.on_path import find_on_path
from local.engine.versions import PINNED, fits, parse_version
from local.lock import Lock, held
from local.paths import LocalPaths

SETUP_WAIT_SECONDS = 1800.0

Origin: TypeAlias = Literal["path", "downloaded", "built"]
Report: TypeAlias = Callable[[str], None]


class EngineUnavailableError(Exception):
    """No engine can be had. The message says what was tried and what to do."""


@dataclass(frozen=True)
class Engine:
    """The engine that the local stack runs.

    Args:
        binary: The `pulumi` command, in our own folder beside our language host.
        version: Its version.
        origin: Where it came from.
    """

    binary: Path
    version: str
    origin: Origin


def ensure_engine(paths: LocalPaths, report: Report) -> Engine:
    """Make sure that there is an engine, with the language host and the provider plugin it needs.

    Args:
        paths: Where.
        report: Told of progress; nothing when all is there.

    Returns:
        The engine.

    Raises:
        EngineUnavailableError: When none is on PATH, none can be downloaded and none can be built.
        LockedError: When another run is still at it after half an hour.
    """
    if (engine := _ready(paths)) is None:
        with held(paths.setup_lock, purpose="set-up", wait_seconds=SETUP_WAIT_SECONDS, report=report) as lock:
            engine = _ready(paths) or _install(paths, lock, report)
    write_launchers(paths)
    return engine


def _ready(paths: LocalPaths) -> Engine | None:
    """The engine of an earlier run, if it still fits what is pinned today."""
    binary = paths.binaries / "pulumi"
    try:
        entry = json.loads(_record(paths).read_text())
        engine = Engine(binary, entry["version"], entry["origin"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    version = parse_version(engine.version)
    return engine if os.access(binary, os.X_OK) and version and fits(version) else None


def _install(paths: LocalPaths, lock: Lock, report: Report) -> Engine:
    paths.engine.mkdir(parents=True, exist_ok=True)
    source, version, origin = _obtain(paths, lock, report)
    binary = paths.binaries / "pulumi"
    _place(source, binary)
    engine = Engine(binary, version, origin)
    entry = {name: value for name, value in asdict(engine).items() if name != "binary"}
    _record(paths).write_text(json.dumps(entry))
    discard_caches(paths.engine)
    report(f"engine: pulumi {version} ({origin})")
    return engine


def _obtain(paths: LocalPaths, lock: Lock, report: Report) -> tuple[Path, str, Origin]:
    if found := find_on_path(os.environ.get("PATH", ""), besides=paths.binaries, report=report):
        binary, version = found
        return binary, str(version), "path"
    log, kept_open = paths.logs / "engine.log", (lock.descriptor,)
    log.parent.mkdir(parents=True, exist_ok=True)
    if downloaded := download(paths.engine / "official", log, report, kept_open):
        return downloaded, str(PINNED), "downloaded"
    go = find_go(paths.engine, log, report, kept_open)
    if go is None:
        raise EngineUnavailableError(
            f"there is no Pulumi CLI {PINNED} or later on PATH, it cannot be downloaded from here, and there is no Go"
            f" {NEEDED} or later to build it with; install the Pulumi CLI or Go, or see why pip could not: {log}"
        )
    try:
        return build(go, paths.engine, log, report, kept_open), str(PINNED), "built"
    except BuildError as error:
        raise EngineUnavailableError(
            f"the Pulumi CLI could not be built; see that the Go module proxy is reachable and that there are 3 GB of"
            f" room, then run the same command again: it goes on where it was. {error}\nThe whole log is {log}"
        ) from None


def _place(source: Path, binary: Path) -> None:
    """Put the binary itself, not a link to it, beside our language host: it looks for one beside itself first."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    unfinished = binary.with_name(".pulumi")
    unfinished.unlink(missing_ok=True)
    try:
        os.link(source, unfinished)
    except OSError:  # another file system
        shutil.copy2(source, unfinished)
    unfinished.replace(binary)


def _record(paths: LocalPaths) -> Path:
    return paths.engine / "engine.json"
