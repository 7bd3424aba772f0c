"""Installs iam-simulate into `.local/`, from the lock file beside this one, if it is not there.

    python -m tests.access.differential.iam_simulate.installation

It is AGPL: a process of its own that tests talk to, never imported, copied or shipped.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.lock import LockedError, held
from local.paths import LocalPaths
from local.virtual_environment import SetupError
from tests.access.differential.iam_simulate import node

INSTALL_SECONDS = 300.0
LOCK_WAIT_SECONDS = 900.0
LAST_LINES = 10
HERE = Path(__file__).parent
SOURCES = ("package.json", "package-lock.json")


@dataclass(frozen=True)
class Installation:
    """The package as `npm ci` lays it out. A note, written last of all, names what it is made from.

    `npm ci` begins anew each time, so what an interrupted one has left needs no care.
    """

    paths: LocalPaths

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return self.paths.tools / "iam-simulate"

    def is_made(self) -> bool:
        """Whether it is there, whole, made from what the lock file says today, with a Node.js to run it."""
        try:
            noted = self._note.read_text(encoding="utf-8")
        except OSError:
            return False
        return noted == self._fingerprint() and node.find(self.paths) is not None

    def make(self, report: Callable[[str], None]) -> None:
        """Make it.

        Raises:
            SetupError: When Node.js cannot be had, or when npm fails.
        """
        program = node.ensure(self.paths, report)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._note.unlink(missing_ok=True)
        for name in SOURCES:
            shutil.copyfile(HERE / name, self.folder / name)
        report(f"iam-simulate: installing into {self.folder}")
        self._install(program)
        self._note.write_text(self._fingerprint(), encoding="utf-8")

    @property
    def _note(self) -> Path:
        return self.folder / "made-from"

    @property
    def _log(self) -> Path:
        return self.paths.logs / "npm-iam-simulate.log"

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(str(self.folder).encode())
        for name in SOURCES:
            digest.update((HERE / name).read_bytes())
        return digest.hexdigest()

    def _install(self, program: node.Node) -> None:
        command = [*program.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        path = os.pathsep.join([str(program.program.parent), os.environ.get("PATH", os.defpath)])
        self._log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._log.open("w", encoding="utf-8") as log:
                subprocess.run(
                    command,
                    cwd=self.folder,
                    env={**os.environ, "PATH": path},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    timeout=INSTALL_SECONDS,
                    check=True,
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise SetupError(f"`npm ci` failed: {error}\n{self._last_words()}") from None

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join(f"    {line}" for line in [f"the whole log is {self._log}; its last lines:", *lines])


def ensure(paths: LocalPaths, report: Callable[[str], None]) -> None:
    """Install what is missing; takes no lock when nothing is.

    Raises:
        SetupError: When it cannot be installed.
        LockedError: When another run is still setting up after a quarter of an hour.
    """
    installation = Installation(paths)
    if installation.is_made():
        return
    with held(paths.setup_lock, purpose="set-up", wait_seconds=LOCK_WAIT_SECONDS, report=report):
        if not installation.is_made():
            installation.make(report)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    try:
        ensure(LocalPaths(), _say)
    except (SetupError, LockedError) as failure:
        if os.environ.get("CI") == "true":
            sys.exit(f"error: {failure}")
        _say(f"iam-simulate cannot be had, so the tests that compare with it will be skipped: {failure}")
