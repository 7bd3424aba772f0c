"""The local stack: plain `pulumi` commands in an environment that points at the emulator."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NotRequired, TypeAlias, TypedDict, cast

from local.emulator.process import Emulator
from local.emulator.sessions import Role, SessionError, session_environment
from local.paths import LocalPaths

Outputs: TypeAlias = dict[str, object]


class ResourceState(TypedDict):
    """One resource of an exported state, as far as it is read here."""

    urn: str
    type: str
    id: NotRequired[str]
    inputs: NotRequired[dict[str, object]]
    outputs: NotRequired[dict[str, object]]
    pendingReplacement: NotRequired[bool]
    delete: NotRequired[bool]


class PendingOperation(TypedDict):
    """Something that the engine had begun and not ended."""

    type: str
    resource: ResourceState


class Deployment(TypedDict):
    """What an exported state holds."""

    resources: NotRequired[list[ResourceState]]
    pending_operations: NotRequired[list[PendingOperation] | None]


class State(TypedDict):
    """A stack's state, as `pulumi stack export` gives it."""

    deployment: Deployment


TASK_ROLE_OUTPUTS = {Role.PRODUCER: "backend_task_role_arn", Role.CONSUMER: "worker_task_role_arn"}

_FOREIGN_PREFIXES = ("AWS_", "PULUMI_")


class StackCommandError(Exception):
    """A `pulumi` command failed. What it printed has been shown, or is in `output` and ends the message."""

    def __init__(self, arguments: Sequence[str], exit_code: int, output: str) -> None:
        said = f":\n{output.strip()}" if output.strip() else ""
        super().__init__(f"`pulumi {' '.join(arguments)}` ended with exit code {exit_code}{said}")
        self.exit_code = exit_code
        self.output = output


@dataclass(frozen=True)
class LocalStack:
    """One stack on one emulator.

    Args:
        paths: Where tools and state live.
        emulator: The emulator that stands for AWS.
        program: The folder with `Pulumi.yaml`; the project by default.
        name: The stack's name.
        policy_pack: The pack that previews and updates run under; None for none.
        inherited_fds: File descriptors that `pulumi` keeps open: the run lock's, so that it holds as long as the engine
            runs, even when its parent is killed.
    """

    paths: LocalPaths
    emulator: Emulator
    program: Path = field(default=LocalPaths().project)
    name: str = "local"
    policy_pack: Path | None = field(default=LocalPaths().project / "policies")
    inherited_fds: tuple[int, ...] = ()

    def environment(self, role: Role = Role.DEPLOYER, outputs: Outputs | None = None) -> dict[str, str]:
        """The variables that make `pulumi`, `aws` and the application work on this stack, as this role.

        Args:
            role: Whose session.
            outputs: The stack's outputs, for the two task roles, which exist once it is up.

        Raises:
            SessionError: The role does not exist.
        """
        task_role_arn = None
        if role in TASK_ROLE_OUTPUTS:
            output = TASK_ROLE_OUTPUTS[role]
            if output not in (outputs or {}):
                raise SessionError("NoSuchEntity", f"the stack has no {role} yet; deploy it first: make up")
            task_role_arn = str((outputs or {})[output])
        return {
            **engine_environment(self.paths),
            **session_environment(self.emulator, role, task_role_arn=task_role_arn),
        }

    @property
    def pack_arguments(self) -> tuple[str, ...]:
        """The options that put a command under the policy pack, as it is configured for this stack.

        Where it is not configured for it, as for a trial's stack, the rules' defaults count, and a word on stderr says
        so: they know nobody whom the stack trusts.
        """
        if self.policy_pack is None:
            return ()
        configuration = self.policy_pack / "config" / f"{self.name}.json"
        configured: tuple[str, ...] = ()
        if configuration.exists():
            configured = ("--policy-pack-config", str(configuration))
        else:
            sys.stderr.write(f"{configuration} is missing: the policy pack runs with its rules' defaults\n")
        return ("--policy-pack", str(self.policy_pack), *configured)

    def up(self) -> None:
        """Make the stack what the program says, under the policy pack.

        The preview is never left out: rules on the whole stack are checked when all of it is declared, which in the
        update itself is after it has been made.

        Raises:
            StackCommandError: When the engine refuses or fails.
        """
        self._show("up", "--yes", *self.pack_arguments)

    def preview(self, *arguments: str) -> None:
        """Show what an update would do, under the policy pack.

        Raises:
            StackCommandError: When the program, a policy or the engine refuses.
        """
        self._show("preview", *self.pack_arguments, *arguments)

    def destroy(self) -> None:
        """Delete everything the stack made, and the stack's state.

        Raises:
            StackCommandError: When the engine fails.
        """
        self._show("destroy", "--yes")
        self.capture("stack", "rm", "--yes", "--preserve-config")

    def outputs(self) -> Outputs:
        """The stack's outputs; empty before the first update."""
        outputs: Outputs = json.loads(self.capture("stack", "output", "--json"))
        return outputs

    def export(self) -> State:
        """The stack's whole state, as `pulumi stack export` gives it."""
        state: State = json.loads(self.capture("stack", "export"))
        return state

    def exists(self) -> bool:
        """Whether the backend knows the stack."""
        stacks = json.loads(self._run(("stack", "ls", "--json"), capture=True))
        return any(str(stack["name"]).rsplit("/", 1)[-1] == self.name for stack in stacks)

    def make(self) -> None:
        """Make the stack's empty state.

        Raises:
            StackCommandError: When there is one already.
        """
        self.paths.state.mkdir(parents=True, exist_ok=True)
        self._run(("stack", "init", self.name), capture=True)

    def replace_state(self, state: State) -> None:
        """Put another state in the place of the stack's.

        Raises:
            StackCommandError: When the engine does not take it.
        """
        self._run(("stack", "import", "--stack", self.name), capture=True, given=json.dumps(state))

    def refresh(self) -> None:
        """Make the state say what is there.

        Raises:
            StackCommandError: When the engine fails.
        """
        self.capture("refresh", "--yes", "--skip-preview", "--non-interactive")

    def capture(self, *arguments: str) -> str:
        """What a `pulumi` command on this stack prints.

        Raises:
            StackCommandError: When it fails; its output is in the error.
        """
        return self._run((*arguments, "--stack", self.name), capture=True)

    def _show(self, *arguments: str) -> None:
        self._run((*arguments, "--stack", self.name, "--non-interactive"), capture=False)

    def _run(self, arguments: Sequence[str], *, capture: bool, given: str = "") -> str:
        completed = subprocess.run(
            [str(self.paths.binaries / "pulumi"), *arguments],
            cwd=self.program,
            env=self.environment(),
            input=given,
            stdout=subprocess.PIPE if capture else None,
            stderr=subprocess.PIPE if capture else None,
            pass_fds=self.inherited_fds,
            text=True,
            check=False,
        )
        if completed.returncode:
            raise StackCommandError(
                arguments, completed.returncode, (completed.stdout or "") + (completed.stderr or "")
            )
        return completed.stdout or ""


def application_environment(outputs: Outputs) -> dict[str, str]:
    """What the stack hands to the application's containers; empty before the first update."""
    entries = cast("list[dict[str, str]]", outputs.get("container_environment", []))
    return {entry["name"]: entry["value"] for entry in entries}


def _without_proxy(environment: Mapping[str, str]) -> str:
    """What goes past a proxy of the surroundings: whatever did, and this machine, where emulator and engine talk."""
    given = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    return ",".join(dict.fromkeys([*filter(None, given.split(",")), "127.0.0.1", "localhost"]))


def engine_environment(paths: LocalPaths) -> dict[str, str]:
    """The caller's environment, with whatever of Pulumi and AWS stood there replaced by the local stack's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN_PREFIXES)}
    own = [str(paths.binaries), str(paths.environment / "bin")]
    path = dict.fromkeys([*own, *inherited.get("PATH", os.defpath).split(os.pathsep)])
    return {
        **inherited,
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _without_proxy(inherited)),
        "PATH": os.pathsep.join(path),
        "PULUMI_HOME": str(paths.pulumi_home),
        # The backend replaces its files at once, but not the notes it would keep beside them: an engine that is killed
        # while it writes one leaves a stack that no command can read.
        "PULUMI_BACKEND_URL": f"file://{paths.state}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "",  # the local stack's state holds no secret
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
