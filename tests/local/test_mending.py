import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.emulator.process import Emulator
from local.mending import ready_stack
from local.paths import LocalPaths
from local.stack import LocalStack, StackCommandError, State
from tests.local.commands import script

ENDPOINT = "http://127.0.0.1:4590"
QUEUE = "aws:sqs/queue:Queue"
URN = "urn:pulumi:local::retainwise::retainwise:index:WorkQueue$aws:sqs/queue:Queue::predictions"


@dataclass(frozen=True)
class Pretended(LocalStack):
    """A stack without an engine: what was done to it is noted."""

    done: list[str] = field(default_factory=list)
    known: bool = True
    resources: list[object] = field(default_factory=list)
    pending: list[object] | None = None
    replaced: list[State] = field(default_factory=list)
    refresh_fails: bool = False

    def exists(self) -> bool:
        return self.known

    def export(self) -> State:
        held = {"resources": self.resources, "pending_operations": self.pending}
        state: State = json.loads(json.dumps({"version": 3, "deployment": held}))
        return state

    def replace_state(self, state: State) -> None:
        self.done.append("replaced the state")
        self.replaced.append(state)

    def make(self) -> None:
        self.done.append("made")

    def refresh(self) -> None:
        self.done.append("refreshed")
        if self.refresh_fails:
            raise StackCommandError(["refresh"], 255, "")


@pytest.fixture
def paths(tmp_path: Path) -> LocalPaths:
    return LocalPaths(project=tmp_path, run=tmp_path / "run")


@pytest.fixture
def locks(paths: LocalPaths) -> Path:
    folder = paths.state / ".pulumi" / "locks" / "organization" / "retainwise" / "local"
    folder.mkdir(parents=True)
    return folder


def stack(paths: LocalPaths, instance: str = "first", **particulars: object) -> Pretended:
    made = Pretended(paths, Emulator(ENDPOINT, "http://127.0.0.1:4591", instance, 4711))
    for name, value in particulars.items():
        object.__setattr__(made, name, value)
    return made


def mended(one: Pretended) -> tuple[list[str], list[str]]:
    """What was done, and what was told."""
    told: list[str] = []
    ready_stack(one, told.append)
    return one.done, told


def creating(urn: str, token: str, inputs: Mapping[str, object], kind: str = "creating") -> dict[str, object]:
    return {"type": kind, "resource": {"urn": urn, "custom": True, "type": token, "inputs": inputs}}


def test_a_new_stack_is_made_and_then_left_alone(paths: LocalPaths) -> None:
    assert mended(stack(paths, known=False)) == (["made"], [])
    assert mended(stack(paths)) == ([], [])


def test_a_new_emulator_is_looked_at_once(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    done, told = mended(stack(paths, "second"))
    assert done == ["refreshed"]
    assert told == ["the emulator was started anew since the last update; looking at what is still there"]
    assert mended(stack(paths, "second")) == ([], [])


def test_a_state_that_does_not_say_its_emulator_is_looked_at(paths: LocalPaths) -> None:
    assert mended(stack(paths))[0] == ["refreshed"]


def test_a_look_that_failed_is_had_again(paths: LocalPaths) -> None:
    with pytest.raises(StackCommandError):
        mended(stack(paths, refresh_fails=True))
    assert mended(stack(paths))[0] == ["refreshed"]


def test_interrupted_creates_are_looked_up_by_the_ids_they_would_have(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    made = {"urn": "urn:made", "type": QUEUE, "id": "made"}
    pending = [
        creating(URN, QUEUE, {"name": "retainwise-local-predictions"}),
        creating("urn:role", "aws:iam/role:Role", {"name": "retainwise-local-worker-task"}),
        creating("urn:made", QUEUE, {"name": "changed"}, kind="updating"),
        creating("urn:unnamed", QUEUE, {"namePrefix": "retainwise-"}),
        creating("urn:foreign", "random:index:RandomId", {"byteLength": 4}),
    ]
    one = stack(paths, resources=[made], pending=pending)
    done, told = mended(one)
    assert done == ["replaced the state", "refreshed"]
    assert one.replaced[0]["deployment"].get("pending_operations") == []
    assert identities(one) == [
        ("urn:made", "made", False),
        (URN, f"{ENDPOINT}/123456789012/retainwise-local-predictions", False),
        ("urn:role", "retainwise-local-worker-task", False),
    ]
    assert told[0] == "the last command was killed in the midst of 5 changes; looking at what is there"
    assert [line.split()[4] for line in told[1:]] == ["urn:unnamed", "urn:foreign"]


def test_interrupted_creates_that_could_not_be_looked_up_are_looked_up_again(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    pending = [creating("urn:role", "aws:iam/role:Role", {"name": "worker"})]
    with pytest.raises(StackCommandError):
        mended(stack(paths, pending=pending, refresh_fails=True))
    assert mended(stack(paths))[0] == ["refreshed"]


def identities(one: Pretended) -> list[tuple[str, str, bool]]:
    """The resources of the state that took the place of the old one: URN, id, whether it is to be deleted."""
    resources = one.replaced[0]["deployment"].get("resources", [])
    return [(resource["urn"], resource["id"], resource.get("delete", False)) for resource in resources]


def test_what_an_interrupted_create_was_to_replace_goes_after_it(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    old = [{"urn": "urn:role", "type": "aws:iam/role:Role", "id": "old"}, {"urn": "urn:next", "type": QUEUE, "id": "n"}]
    one = stack(paths, resources=old, pending=[creating("urn:role", "aws:iam/role:Role", {"name": "new"})])
    mended(one)
    assert identities(one) == [("urn:role", "old", True), ("urn:next", "n", False), ("urn:role", "new", False)]


def test_what_an_interrupted_create_was_to_replace_and_is_gone_leaves_its_place(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    gone = {"urn": "urn:role", "type": "aws:iam/role:Role", "id": "old", "pendingReplacement": True}
    old = [gone, {"urn": "urn:next", "type": QUEUE, "id": "n"}]
    one = stack(paths, resources=old, pending=[creating("urn:role", "aws:iam/role:Role", {"name": "new"})])
    mended(one)
    assert identities(one) == [("urn:role", "new", False), ("urn:next", "n", False)]


def test_an_interrupted_delete_is_looked_at(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    held = {"urn": URN, "type": QUEUE, "id": "held"}
    one = stack(paths, resources=[held], pending=[creating(URN, QUEUE, {}, kind="deleting")])
    assert mended(one)[0] == ["replaced the state", "refreshed"]
    assert identities(one) == [(URN, "held", False)]


def test_interrupted_creates_are_looked_up_on_a_new_emulator_too(paths: LocalPaths) -> None:
    mended(stack(paths, known=False))
    mended(stack(paths, "second", pending=[creating("urn:role", "aws:iam/role:Role", {"name": "worker"})]))
    assert mended(stack(paths, "second")) == ([], [])


def test_a_killed_engine_that_nobody_has_waited_for_is_dead(paths: LocalPaths, locks: Path, tmp_path: Path) -> None:
    # As where a container's first process reaps no orphans: it stays in the process table, by its name.
    with living("pulumi", tmp_path) as pid:
        lock = signed(locks, pid)
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        mended(stack(paths, known=False))
        assert not lock.exists()


@contextmanager
def living(name: str, folder: Path) -> Iterator[int]:
    """A process of that name, which ends when it is told to."""
    command = [str(script(folder / name, "echo there; read line"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "there\n"
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGKILL)


def signed(locks: Path, pid: object) -> Path:
    lock = locks / "9c9b6a3e.json"
    lock.write_text(json.dumps({"pid": pid, "username": "root", "hostname": "here"}))
    return lock


def test_a_dead_engines_lock_is_removed_with_a_word(paths: LocalPaths, locks: Path, tmp_path: Path) -> None:
    with living("pulumi", tmp_path) as pid:
        lock = signed(locks, pid)
    _, told = mended(stack(paths, known=False))
    assert not lock.exists()
    assert told == ["an engine was killed while it held the stack's lock; removing the lock"]


def test_a_living_engines_lock_stays(paths: LocalPaths, locks: Path, tmp_path: Path) -> None:
    with living("pulumi", tmp_path) as pid:
        lock = signed(locks, pid)
        assert mended(stack(paths, known=False))[1] == []
        assert lock.exists()


def test_a_lock_whose_number_another_program_has_now_is_removed(paths: LocalPaths, locks: Path) -> None:
    lock = signed(locks, os.getpid())
    mended(stack(paths, known=False))
    assert not lock.exists()


@pytest.mark.parametrize("text", ["", '{"pid": 47', "{}", '{"pid": "many"}', '{"pid": -5}', "null"])
def test_a_half_written_lock_is_a_dead_ones(paths: LocalPaths, locks: Path, text: str) -> None:
    lock = locks / "9c9b6a3e.json"
    lock.write_text(text)
    mended(stack(paths, known=False))
    assert not lock.exists()


def test_a_lock_that_its_engine_lets_go_meanwhile_is_no_matter(paths: LocalPaths, locks: Path) -> None:
    (locks / "9c9b6a3e.json").symlink_to("gone")  # listed, but not there when it is read
    assert mended(stack(paths, known=False)) == (["made"], [])


def test_what_is_no_lock_is_left_alone(paths: LocalPaths, locks: Path) -> None:
    kept = paths.state / ".pulumi" / "stacks" / "retainwise" / "local.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}")
    mended(stack(paths, known=False))
    assert kept.exists()
    assert locks.exists()
