"""Stacks on the real engine, each in an account of its own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.emulator.bootstrap import bootstrap
from local.emulator.process import Emulator, start, stop
from local.engine import ensure_engine
from local.mending import ready_stack
from local.paths import LocalPaths
from tests.stack.trial import PACK, NewEmulator, NewTrial, Trial, copied_program


@pytest.fixture(scope="session")
def _engine() -> None:
    """The engine with its launchers, if set-up has been run."""
    paths = LocalPaths()
    for needed in (paths.binaries / "pulumi", paths.emulator_environment / "bin" / "python"):
        if not needed.exists():
            word = f"{needed} is missing: run `make setup`"
            if os.environ.get("CI") == "true":
                pytest.fail(word)
            pytest.skip(word)
    ensure_engine(paths, lambda _: None)


@pytest.fixture(scope="module")
def new_emulator(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewEmulator]:
    """Starts emulators with a bootstrapped account; they end with the module, and all that was deployed with them."""
    with ExitStack() as ends:

        def begin() -> Emulator:
            paths = LocalPaths(run=tmp_path_factory.mktemp("account"))
            ends.callback(stop, paths)
            emulator = start(paths, owner=os.getpid(), ports=(0, 0))
            bootstrap(emulator)
            return emulator

        yield begin


@pytest.fixture(scope="module")
def new_trial(new_emulator: NewEmulator, tmp_path_factory: pytest.TempPathFactory) -> NewTrial:
    """Makes empty stacks, each in an account of its own."""

    def make() -> Trial:
        folder = tmp_path_factory.mktemp("stack")
        trial = Trial.on(new_emulator(), folder / "run", copied_program(folder / "program"))
        ready_stack(trial.stack, lambda _: None)
        return trial

    return make


@pytest.fixture(scope="module")
def deployed(new_trial: NewTrial) -> Trial:
    """A stack that is up, for tests of a module that only look at it."""
    trial = new_trial()
    trial.up(*PACK)
    return trial


@pytest.fixture
def another_program(tmp_path: Path) -> Path:
    """A copy of the program of a test's own, with its settings."""
    return copied_program(tmp_path / "program")
