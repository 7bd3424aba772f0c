"""The two virtual environments: made once, remade when what they are made from changes, then a command run in them.

    python3 -m local.environments [--project-only] COMMAND ARGUMENT…

Standard library only, and any Python from 3.11 on, since this is what runs first on a fresh machine. A stamp that is
written last says what an environment was made from; without it, set-up goes on where it was.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.lock import LockedError, held
from local.paths import LocalPaths

OLDEST_PYTHON = (3, 11)
SETUP_WAIT_SECONDS = 900.0
PROGRESS_SECONDS = 10.0
LAST_LINES = 15

Report = Callable[[str], None]

_REFERENCE = re.compile(r"^-[rc]\s+(\S+)")
_STEP = re.compile(r"^(Collecting|Downloading|Installing collected packages|Building wheel)")


class SetupError(Exception):
    """An environment could not be made. The message says what failed and what to do."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Args:
        name: As progress calls it.
        folder: Where it lives.
        requirements: What is installed into it.
        log: Where pip's output goes.
    """

    name: str
    folder: Path
    requirements: Path
    log: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def _stamp(self) -> Path:
        return self.folder / "made-from"

    def is_made(self) -> bool:
        """Whether it is there, made from what the files say today by the Python that runs this."""
        try:
            return self._stamp.read_text() == self.fingerprint()
        except FileNotFoundError:
            return False

    def fingerprint(self) -> str:
        """What it is made from: the Python, the folder, and the requirement files with all they refer to."""
        digest = hashlib.sha256(f"{sys.version}|{self.folder}".encode())
        for file in _with_references(self.requirements):
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def make(self, report: Report) -> None:
        """Make it, or go on making it.

        Args:
            report: Told of progress.

        Raises:
            SetupError: When Python or pip fails.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._stamp.unlink(missing_ok=True)
        if not self._works():
            report(f"{self.name}: making {self.folder}")
            self._run([sys.executable, "-m", "venv", "--clear", str(self.folder)], report)
        install = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(self.requirements)]
        self._run([str(self.python), *install], report)
        self._stamp.write_text(self.fingerprint())

    def _works(self) -> bool:
        """Whether there is an environment of this Python to go on with."""
        if not self.python.exists():
            return False
        probe = "import sys, pip; print(sys.version)"
        answer = subprocess.run([str(self.python), "-c", probe], capture_output=True, text=True, check=False)
        return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()

    def _run(self, command: Sequence[str], report: Report) -> None:
        started = time.monotonic()
        with self.log.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            while process.poll() is None:
                try:
                    process.wait(PROGRESS_SECONDS)
                except subprocess.TimeoutExpired:
                    report(f"{self.name}: {time.monotonic() - started:.0f} s, {last_step(self.log.read_text())}")
        if process.returncode:
            raise SetupError(_failure(self.name, command, self.log))
        report(f"{self.name}: done in {time.monotonic() - started:.0f} s")


def last_step(log: str) -> str:
    """What pip was last seen doing."""
    steps = [line.strip() for line in log.splitlines() if _STEP.match(line.strip())]
    return steps[-1][:80] if steps else "starting"


def _failure(name: str, command: Sequence[str], log: Path) -> str:
    text = log.read_text()
    lines = "\n".join(f"    {line}" for line in text.splitlines()[-LAST_LINES:])
    advice = "see that the package index is reachable (pip's own settings apply), then run the same command again"
    if "ensurepip" in text or "No module named venv" in text:
        advice = "install Python's venv module (on Debian and Ubuntu: the package python3-venv), then run it again"
    return f"{name}: `{' '.join(command[:4])} …` failed; {advice}. The whole log is {log}; its last lines:\n{lines}"


def _with_references(requirements: Path) -> Iterator[Path]:
    """The requirement file and every file that it refers to with -r or -c, each once."""
    waiting, seen = [requirements.resolve()], set[Path]()
    while waiting:
        file = waiting.pop(0)
        if file in seen:
            continue
        seen.add(file)
        yield file
        references = (_REFERENCE.match(line.strip()) for line in file.read_text().splitlines())
        waiting.extend((file.parent / match[1]).resolve() for match in references if match)


def environments(paths: LocalPaths) -> tuple[Environment, Environment]:
    """The project's environment and the emulator's."""
    logs = paths.tools / "logs"
    return (
        Environment(
            "project environment",
            paths.environment,
            paths.project / "tests" / "requirements.txt",
            logs / "pip-project.log",
        ),
        Environment(
            "emulator environment",
            paths.emulator_environment,
            paths.project / "local" / "emulator" / "requirements.txt",
            logs / "pip-emulator.log",
        ),
    )


def make_environments(paths: LocalPaths, report: Report, *, project_only: bool = False) -> None:
    """Make what is missing, one run at a time.

    Args:
        paths: Where.
        report: Told of progress.
        project_only: Leave out the emulator's.

    Raises:
        SetupError: When one cannot be made.
        LockedError: When another run is still making them after a quarter of an hour.
    """
    wanted = environments(paths)[: 1 if project_only else 2]
    if all(one.is_made() for one in wanted):
        return
    with held(paths.setup_lock, purpose="set-up", wait_seconds=SETUP_WAIT_SECONDS, report=report):
        for one in wanted:
            if not one.is_made():
                one.make(report)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str]) -> None:
    """Make the environments and run the command in the project's, in place of this process."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"error: this is Python {sys.version.split()[0]}; Python 3.11 or later is needed: make PYTHON=python3.12 …"
        )
    project_only = "--project-only" in arguments[:1]
    command = arguments[1:] if project_only else arguments
    if not command:
        sys.exit("usage: python3 -m local.environments [--project-only] COMMAND ARGUMENT…")
    paths = LocalPaths()
    try:
        make_environments(paths, _say, project_only=project_only)
    except (SetupError, LockedError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same command again to go on")
    environment = os.environ | {"PATH": os.pathsep.join([str(paths.environment / "bin"), os.environ.get("PATH", "")])}
    os.execvpe(command[0], list(command), environment)  # noqa: S606 - the command is the Makefile's


if __name__ == "__main__":
    main(sys.argv[1:])
