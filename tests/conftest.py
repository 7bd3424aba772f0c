"""What every room's tests may ask for: a bootstrapped emulator of the worker's own, and names that are free in it."""

import os
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings

from local.emulator.bootstrap import bootstrap
from local.emulator.process import Emulator, start, stop
from local.paths import LocalPaths

pytest_plugins = ("tests.policy_harness.plugin",)

# The same examples in every run, so that a change is not held up by what it did not do. To look for others:
# HYPOTHESIS_PROFILE=default make test
settings.register_profile("steady", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def emulator_paths(tmp_path_factory: pytest.TempPathFactory) -> LocalPaths:
    """The folders of this worker's local account; the tools are the checkout's."""
    return LocalPaths(run=tmp_path_factory.mktemp("account"))


@pytest.fixture(scope="session")
def emulator(emulator_paths: LocalPaths) -> Iterator[Emulator]:
    """One bootstrapped emulator for each test process, on free ports; it ends with the tests, however they end."""
    if not (emulator_paths.emulator_environment / "bin" / "python").exists():
        word = f"the emulator's environment is missing ({emulator_paths.emulator_environment}): run `make setup`"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    running = start(emulator_paths, owner=os.getpid(), ports=(0, 0))
    try:
        bootstrap(running)
        yield running
    finally:
        stop(emulator_paths)


@pytest.fixture
def unique_name() -> str:
    """A name that nothing in the account has yet and the deployer may use."""
    return f"retainwise-local-{uuid.uuid4().hex[:12]}"
