"""One virtual environment: made from requirement files, gone on with after an interruption, remade when they change.

Standard library only, since no environment exists yet. Two notes in its folder say how far it is: one is written when
it has been begun, one, last of all, when it is whole. Both name what it is made from.
"""

import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PROGRESS_SECONDS = 10.0
LAST_LINES = 15
STEP_LENGTH = 90

Report = Callable[[str], None]

_REFERENCE = re.compile(r"^(?:-r|-c|--requirement|--constraint)[ =]\s*(\S+)")
_STEP = re.compile(r"^(Collecting|Downloading|Installing collected packages|Building wheel)")
_ADVICE = "see that the package index is reachable (pip's own settings apply), then run the same command again"


class SetupError(Exception):
    """An environment could not be made. The message says what failed and what to do."""


@dataclass(frozen=True)
class VirtualEnvironment:
    """A virtual environment.

    Args:
        name: As progress calls it.
        folder: Where it lives.
        requirements: What is installed into it.
        log: Where pip's output goes.
        inherited_fds: Descriptors that pip keeps open: the set-up lock's, so that a pip that outlives a killed set-up
            keeps the next one waiting.
    """

    name: str
    folder: Path
    requirements: Path
    log: Path
    inherited_fds: tuple[int, ...] = ()

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def is_made(self) -> bool:
        """Whether it is there, whole, made from what the files say today by the Python that runs this."""
        return self._says(self._whole) and self.python.exists()

    def fingerprint(self) -> str:
        """What it is made from: the Python, the folder, and the requirement files with all they refer to."""
        digest = hashlib.sha256(f"{sys.version}|{sys.base_prefix}|{self.folder}".encode())
        for file in _with_references(self.requirements):
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def make(self, report: Report) -> None:
        """Make it, or go on making it.

        Args:
            report: Told of progress.

        Raises:
            SetupError: When this Python cannot make environments, or when pip fails.
        """
        for module in ("venv", "ensurepip"):
            if find_spec(module) is None:
                raise SetupError(_without(module))
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._whole.unlink(missing_ok=True)
        if not self._can_go_on():
            self._run([sys.executable, "-m", "venv", "--clear", str(self.folder)], report)
            self._begun.write_text(self.fingerprint(), encoding="utf-8")
        install = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(self.requirements)]
        report(f"{self.name}: installing what {self.requirements.name} lists into {self.folder}")
        seconds = self._run([str(self.python), *install], report)
        self._whole.write_text(self.fingerprint(), encoding="utf-8")
        report(f"{self.name}: done in {seconds:.0f} s")

    @property
    def _begun(self) -> Path:
        return self.folder / "begun-from"

    @property
    def _whole(self) -> Path:
        return self.folder / "made-from"

    def _says(self, note: Path) -> bool:
        try:
            return note.read_text(encoding="utf-8") == self.fingerprint()
        except OSError:
            return False

    def _can_go_on(self) -> bool:
        """Whether what an interrupted run has left is sound. Pip writes a package's RECORD last."""
        packages = self.folder.glob("lib/python*/site-packages/*.dist-info")
        return self._says(self._begun) and all((package / "RECORD").exists() for package in packages)

    def _run(self, command: Sequence[str], report: Report) -> float:
        started = time.monotonic()
        with self.log.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, pass_fds=self.inherited_fds
            )
            while process.poll() is None:
                try:
                    process.wait(PROGRESS_SECONDS)
                except subprocess.TimeoutExpired:
                    report(f"{self.name}: {time.monotonic() - started:.0f} s, {last_step(_read(self.log))}")
        if process.returncode:
            raise SetupError(_failure(self.name, command, self.log))
        return time.monotonic() - started


def last_step(log: str) -> str:
    """What pip was last seen doing, by its output."""
    steps = [line.strip() for line in log.splitlines() if _STEP.match(line.strip())]
    if not steps:
        return "starting"
    return steps[-1] if len(steps[-1]) <= STEP_LENGTH else f"{steps[-1][:STEP_LENGTH]}…"


def _without(module: str) -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"{sys.executable} has no `{module}` module; install it (Debian, Ubuntu: apt install python{version}-venv), or"
        " name another Python: make PYTHON=/path/to/python3 …"
    )


def _failure(name: str, command: Sequence[str], log: Path) -> str:
    lines = "\n".join(f"    {line}" for line in _read(log).splitlines()[-LAST_LINES:])
    return f"{name}: `{' '.join(command[1:4])}` failed; {_ADVICE}. The whole log is {log}; its last lines:\n{lines}"


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _with_references(requirements: Path) -> Iterator[Path]:
    """The requirement file and every file that it refers to with -r or -c, each once."""
    waiting, seen = [requirements.resolve()], set[Path]()
    while waiting:
        file = waiting.pop(0)
        if file in seen:
            continue
        seen.add(file)
        yield file
        references = (_REFERENCE.match(line.strip()) for line in file.read_text(encoding="utf-8").splitlines())
        waiting.extend((file.parent / match[1]).resolve() for match in references if match)
