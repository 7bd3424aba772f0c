"""Killed engines, new emulators, emulators that are gone: the next run ends well, or says what is wrong."""

import os
import signal
import subprocess
from dataclasses import replace

import pytest

from local.mending import ready_stack
from tests.stack.expected import DEPLOYED_ACCOUNT, DEPLOYED_TYPES, EMPTY_ACCOUNT
from tests.stack.trial import QUIET, NewEmulator, NewTrial, Trial

pytestmark = pytest.mark.engine

UNASKED = ("--yes", "--skip-preview", *QUIET)


def kill(trial: Trial, command: str, line: str, times: int, parallel: int = 16) -> None:
    """Run a command and kill the engine's whole process group once so many lines of its progress hold these words.

    Args:
        trial: The stack.
        command: `up` or `destroy`.
        line: The words.
        times: How many lines.
        parallel: How many resources the engine works on at once.
    """
    engine = subprocess.Popen(
        [trial.stack.paths.binaries / "pulumi", command, *UNASKED, "--stack", "local", f"--parallel={parallel}"],
        cwd=trial.stack.program,
        env=trial.stack.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    told: list[str] = []
    with engine:
        assert engine.stdout
        for one in engine.stdout:
            told.append(one)
            if sum(line in one for one in told) == times:
                os.killpg(engine.pid, signal.SIGKILL)
                return
    raise AssertionError(f"`pulumi {command}` was not killed, but ended with {engine.returncode}:\n{''.join(told)}")


def mended(trial: Trial) -> list[str]:
    told: list[str] = []
    ready_stack(trial.stack, told.append)
    return told


def test_an_update_killed_again_and_again_is_ended_by_the_next_one(new_trial: NewTrial) -> None:
    trial = new_trial()
    # Many resources half-made at first, then one at a time.
    for words, times, parallel in [(" creating (", 5, 16), (" created (", 2, 1)]:
        kill(trial, "up", words, times, parallel)
        assert "an engine was killed while it held the stack's lock; removing the lock" in mended(trial)
    trial.up()
    assert trial.types() == DEPLOYED_TYPES
    assert trial.account() == DEPLOYED_ACCOUNT
    assert trial.up() == {}


def test_a_killed_destroy_is_mended_and_a_whole_one_leaves_nothing_but_the_account(new_trial: NewTrial) -> None:
    trial = new_trial()
    trial.up()
    kill(trial, "destroy", " deleted (", 4, parallel=1)
    mended(trial)
    trial.up()
    assert trial.types() == DEPLOYED_TYPES
    assert trial.account() == DEPLOYED_ACCOUNT
    trial.stack.destroy()  # which forgets the stack too, and the engine forgets none that holds something
    assert not trial.stack.exists()
    assert trial.account() == EMPTY_ACCOUNT


def test_what_another_emulator_held_is_made_anew(new_trial: NewTrial, new_emulator: NewEmulator) -> None:
    trial = new_trial()
    trial.up()
    another = Trial(replace(trial.stack, emulator=new_emulator()))
    assert mended(another) == ["the emulator was started anew since the last update; looking at what is still there"]
    another.stack.up()
    assert another.account() == DEPLOYED_ACCOUNT
    assert another.types() == DEPLOYED_TYPES
    assert str(another.stack.outputs()["predictions_queue_url"]).startswith(another.stack.emulator.public_url)
    assert mended(another) == []
