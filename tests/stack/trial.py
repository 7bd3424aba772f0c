"""One stack in an account of its own, for tests to deploy, change and break: the project's program in a copy."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import Role, session_environment
from local.paths import PROJECT, LocalPaths
from local.stack import LocalStack, StackCommandError

COPIED = ("Pulumi.yaml", "Pulumi.local.yaml", "__main__.py")
PACK = ("--policy-pack", str(PROJECT / "policies"))
QUIET = ("--non-interactive", "--color=never")


def copied_program(folder: Path) -> Path:
    """Copy the program and its settings, so that a test may change both; the components are the project's own."""
    folder.mkdir(parents=True)
    for name in COPIED:
        shutil.copy(PROJECT / name, folder / name)
    (folder / "components").symlink_to(PROJECT / "components")
    return folder


@dataclass(frozen=True)
class Trial:
    """A stack on an emulator that nobody else uses.

    Args:
        stack: The stack; its program is a copy.
    """

    stack: LocalStack

    @classmethod
    def on(cls, emulator: Emulator, run: Path, program: Path) -> "Trial":
        """A trial whose state lives in the folder `run`."""
        return cls(LocalStack(LocalPaths(run=run), emulator, program=program))

    def with_program(self, program: Path) -> "Trial":
        """The same account and state under another program."""
        return Trial(replace(self.stack, program=program))

    def runs(self, command: str, *arguments: str) -> str:
        """What a `pulumi` command prints that must succeed."""
        return self.stack.capture(command, *QUIET, *arguments)

    def refuses(self, command: str, *arguments: str) -> str:
        """What a `pulumi` command prints that must fail."""
        try:
            told = self.runs(command, *arguments)
        except StackCommandError as error:
            return error.output
        raise AssertionError(f"`pulumi {command} {' '.join(arguments)}` succeeded:\n{told}")

    def plan(self, *arguments: str) -> dict[str, str]:
        """What a preview would do to each resource that it would touch, by the resource's name in the program."""
        steps = json.loads(self.runs("preview", "--json", *arguments))["steps"]
        return {step["urn"].rsplit("::", 1)[-1]: step["op"] for step in steps if step["op"] not in {"same", "refresh"}}

    def up(self, *arguments: str) -> dict[str, int]:
        """Update without a preview; how many resources went which way, the unchanged ones left out."""
        told = self.runs("up", "--yes", "--skip-preview", *arguments)
        counts = re.findall(r"(\d+) (created|updated|replaced|deleted)", told.rsplit("Resources:", 1)[-1])
        return {kind: int(count) for count, kind in counts}

    def types(self) -> Counter[str]:
        """How many resources of each type of AWS's the state holds."""
        resources = self.stack.export()["deployment"].get("resources", [])
        return Counter(one["type"] for one in resources if one["type"].startswith("aws:"))

    def clients(self, role: Role = Role.ADMINISTRATOR) -> Clients:
        """Clients that look at the account, by default as its administrator."""
        return Clients(session_environment(self.stack.emulator, role))

    def account(self) -> dict[str, set[str]]:
        """The names of everything that a stack could have left in the account."""
        seen = self.clients()
        return {
            "queues": {url.rsplit("/", 1)[-1] for url in seen.sqs.list_queues().get("QueueUrls", [])},
            "roles": {role["RoleName"] for role in seen.iam.list_roles()["Roles"]},
            "policies": {policy["PolicyName"] for policy in seen.iam.list_policies(Scope="Local")["Policies"]},
            "alarms": {alarm["AlarmName"] for alarm in seen.cloudwatch.describe_alarms()["MetricAlarms"]},
        }


NewEmulator: TypeAlias = Callable[[], Emulator]
NewTrial: TypeAlias = Callable[[], Trial]
