"""The application as the demo uses it: by its command line, under a role of the stack, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from local.demo.sessions import Sessions
from local.emulator.sessions import Role
from local.stack import application_environment

Answer: TypeAlias = dict[str, object]

POLL_SECONDS = 0


class ApplicationError(Exception):
    """A command of the application failed. The message carries what it said."""


@dataclass(frozen=True)
class Application:
    """The application, configured by the stack's outputs as a container would be.

    Args:
        sessions: Sessions on the stack that it belongs to.
        folder: Where its logs live.
    """

    sessions: Sessions
    folder: Path

    @property
    def logs(self) -> list[Mapping[str, object]]:
        """Everything that it has logged so far."""
        lines = [line for file in sorted(self.folder.glob("*.log")) for line in file.read_text().splitlines()]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def ask(self, role: Role, *arguments: str) -> Answer:
        """What a command answers.

        Args:
            role: Whose session it runs with.
            arguments: The command and its arguments.

        Raises:
            ApplicationError: When it fails.
        """
        command = [sys.executable, "-m", "app", *arguments, "--json"]
        log = self.folder / f"{role}-{arguments[0]}.log"
        with log.open("a", encoding="utf-8") as errors:
            completed = subprocess.run(
                command,
                cwd=self.sessions.stack.paths.project,
                env=self._environment(role),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=self.sessions.stack.inherited_fds,
                text=True,
                check=False,
            )
        if completed.returncode:
            last = "\n".join(log.read_text().splitlines()[-5:])
            raise ApplicationError(
                f"`python -m app {' '.join(arguments)}` as {role} ended with {completed.returncode}; see {log}:\n{last}"
            )
        return cast("Answer", json.loads(completed.stdout))

    def _environment(self, role: Role) -> dict[str, str]:
        return {
            **self.sessions.environment(role),
            **application_environment(self.sessions.outputs),
            "DATABASE_URL": self.sessions.stack.paths.database_url,
            "WORKER_POLL_SECONDS": str(POLL_SECONDS),  # a drain ends after three empty polls; 20 s each would be long
        }
