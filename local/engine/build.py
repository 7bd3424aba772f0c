"""The engine built from its published source: the Go module proxy serves it wherever modules can be had.

The module beside this file names the exact version and what everything in it must hash to, so two builds are of the
same source. Go keeps what it has downloaded and compiled, so an interrupted build goes on where it was.
"""

import os
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.engine.go_tool import go_environment
from local.engine.versions import PINNED

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
MODULE = Path(__file__).parent / "module"
REPORT_SECONDS = 10.0
LAST_LINES = 15
DOWNLOADING = "go: downloading"


class BuildError(Exception):
    """The build failed. The message says at which step, with the last lines of what it said."""


@dataclass
class Progress:
    """Things counted against an expected total, told every few seconds.

    Args:
        doing: What is counted, in words.
        report: Told of it.
        total: How many there will be, if that is known.
        now: The clock, in seconds.
    """

    doing: str
    report: Callable[[str], None]
    total: int | None = None
    now: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Start the clock."""
        self.count = 0
        self._started = self._told = self.now()

    def step(self) -> None:
        """One more is done."""
        self.count += 1
        if self.now() - self._told >= REPORT_SECONDS:
            self._told = self.now()
            self.report(f"engine: {self}")

    def __str__(self) -> str:
        """The count, the share if the total is known, and the time since the start."""
        of = f" of about {self.total} ({min(99, 100 * self.count // self.total)} %)" if self.total else ""
        return f"{self.doing} {self.count}{of}, {self.now() - self._started:.0f} s"


def build(go: Path, folder: Path, log: Path, report: Callable[[str], None]) -> Path:
    """Build the pinned CLI.

    Args:
        go: The `go` command.
        folder: Where module, caches and result live.
        log: Where everything that Go says goes.
        report: Told of progress.

    Returns:
        The binary.

    Raises:
        BuildError: When Go fails.
    """
    module = folder / "module"
    shutil.copytree(MODULE, module, dirs_exist_ok=True)
    environment = go_environment(folder / "go-caches")
    report(f"engine: building pulumi {PINNED} from source, 3 to 5 minutes on two cores, once")
    with log.open("w", encoding="utf-8") as transcript:

        def run(arguments: list[str], progress: Progress) -> int:
            return _run([str(go), *arguments], module, environment, transcript, progress)

        packages = run(["list", "-deps", PACKAGE], Progress("modules fetched and packages found:", report))
        unfinished = folder / "pulumi.unfinished"
        flags = f"-s -w -X {VERSION_VARIABLE}=v{PINNED}"
        run(
            ["build", "-v", "-trimpath", f"-ldflags={flags}", "-o", str(unfinished), PACKAGE],
            Progress("packages compiled:", report, total=packages),
        )
    binary = folder / "pulumi"
    os.replace(unfinished, binary)  # noqa: PTH105 - said as what it is: whole or not at all
    return binary


def _run(
    command: list[str], module: Path, environment: Mapping[str, str], transcript: IO[str], progress: Progress
) -> int:
    last: deque[str] = deque(maxlen=LAST_LINES)
    packages = 0
    process = subprocess.Popen(
        command,
        cwd=module,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        for line in _lines(process):
            transcript.write(line)
            last.append(line)
            progress.step()
            packages += not line.startswith(DOWNLOADING)
    if process.returncode:
        said = "".join(f"    {line}" for line in last)
        raise BuildError(f"`go {' '.join(command[1:3])}` failed; its last lines:\n{said}")
    return packages


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    if process.stdout is None:  # it is a pipe, as asked for above
        return
    try:
        yield from process.stdout
    except BaseException:
        process.kill()
        raise
