"""Stale state, noticed and mended: what a killed run or a new emulator leaves untrue.

The emulator keeps its account in memory, so the state remembers which emulator process it was made against; when that
one is gone, a refresh tells the engine the truth before anything else. A command that was killed may leave a lock or
half-made resources behind. Only the holder of the run lock calls this, so no engine of ours is at work meanwhile.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import psutil

from local.emulator import account
from local.provider import pending_identity
from local.stack import LocalStack, State

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
        pending = _pending_creates(stack.export(), stack.emulator.public_url)
        if pending:
            report(f"the last update was killed while it made {len(pending)} resources; looking at what is there")
        elif not record.exists() or record.read_text() != stack.emulator.instance:
            report("the emulator was started anew since the last update; looking at what is still there")
        else:
            return
        stack.refresh(pending)
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


def _pending_creates(state: State, endpoint: str) -> dict[str, str]:
    """The URNs of resources whose making was interrupted, with the ids they have if AWS made them."""
    identities: dict[str, str] = {}
    for operation in state["deployment"].get("pending_operations") or []:
        resource = operation["resource"]
        identity = pending_identity(
            resource["type"], resource.get("inputs", {}), account.ACCOUNT_ID, account.REGION, endpoint
        )
        if operation["type"] == "creating" and identity is not None:
            identities[resource["urn"]] = identity
    return identities
