"""Stale state, noticed and mended: what a killed run or a new emulator leaves untrue.

The emulator keeps its account in memory, so the state remembers which emulator process it was made against; when that
one is gone, a refresh tells the engine the truth before anything else. A command that was killed may leave a lock
behind, and resources of which the state knows only that their making had begun. Those are put into the state under the
ids that they have if AWS made them, and the refresh finds them or forgets them. (The engine's own way, `pulumi refresh
--import-pending-creates`, forgets them all: it notes the id on the operation, then drops the operation.) Only the
holder of the run lock calls this, so no engine of ours is at work meanwhile.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import psutil

from local.emulator import account
from local.provider import pending_identity
from local.stack import LocalStack, ResourceState, State

Report: TypeAlias = Callable[[str], None]


def ready_stack(stack: LocalStack, report: Report) -> None:
    """Make sure that the stack's state exists and says what is there.

    Args:
        stack: The stack.
        report: Told, in a line, what had to be mended.

    Raises:
        StackCommandError: When the engine fails at it.
    """
    stack.paths.state.mkdir(parents=True, exist_ok=True)
    _remove_dead_locks(stack.paths.state, report)
    record = stack.paths.state / f"{stack.name}.emulator"
    if not stack.exists():
        stack.make()
    else:
        state = stack.export()
        pending = state["deployment"].get("pending_operations") or []
        if pending:
            report(f"the last command was killed in the midst of {len(pending)} changes; looking at what is there")
            record.unlink(missing_ok=True)  # until it has been looked at, the state says more than is known
            stack.replace_state(_with_begun(state, stack.emulator.public_url, report))
        elif not record.exists() or record.read_text() != stack.emulator.instance:
            report("the emulator was started anew since the last update; looking at what is still there")
        else:
            return
        stack.refresh()
    record.write_text(stack.emulator.instance)


def _remove_dead_locks(state: Path, report: Report) -> None:
    """Remove the backend's locks whose engine is dead; of a living engine's lock the engine itself complains."""
    for lock in state.glob(".pulumi/locks/**/*.json"):
        try:
            holder = _holder(lock.read_text())
        except FileNotFoundError:  # its engine has let it go meanwhile
            continue
        if not _is_engine(holder):
            report("an engine was killed while it held the stack's lock; removing the lock")
            lock.unlink(missing_ok=True)


def _holder(lock: str) -> int | None:
    try:
        holder = json.loads(lock)["pid"]
    except (ValueError, KeyError, TypeError):  # written half
        return None
    return holder if isinstance(holder, int) and holder > 0 else None


def _is_engine(pid: int | None) -> bool:
    """Whether a living engine has this id; one that was killed but not waited for is still listed, as a zombie."""
    try:
        process = psutil.Process(pid) if pid is not None else None
        return process is not None and "pulumi" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _with_begun(state: State, endpoint: str, report: Report) -> State:
    """The state without pending operations, but with each resource whose making had begun, as if it had succeeded."""
    deployment = state["deployment"]
    resources = deployment.get("resources", [])
    for operation in deployment.get("pending_operations") or []:
        resource = operation["resource"]
        if operation["type"] != "creating":
            continue
        inputs = resource.get("inputs", {})
        identity = pending_identity(resource["type"], inputs, account.ACCOUNT_ID, account.REGION, endpoint)
        if identity is None:
            report(f"AWS may have made {resource['urn']} under a name of its own choice: look for it")
        else:
            resources = _with_made(resources, {**resource, "id": identity, "outputs": inputs})
    return {**state, "deployment": {**deployment, "resources": resources, "pending_operations": []}}


def _with_made(resources: list[ResourceState], made: ResourceState) -> list[ResourceState]:
    """The resources with one more; where it replaces another, it takes its place, or the other waits to be deleted."""
    replaced = [one for one in resources if one["urn"] == made["urn"] and not one.get("delete")]
    if any(one.get("pendingReplacement") for one in replaced):  # deleted already: the new one was to come after
        return [made if one in replaced else one for one in resources]
    marked: list[ResourceState] = [{**one, "delete": True} if one in replaced else one for one in resources]
    return [*marked, made]
