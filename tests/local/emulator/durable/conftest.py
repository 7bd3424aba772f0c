"""A durable account of a test's own, whose emulator can be killed and started again."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import psutil
import pytest

from local.emulator.bootstrap import bootstrap
from local.emulator.clients import Clients
from local.emulator.process import Emulator, start, stop
from local.emulator.sessions import root_environment
from local.paths import LocalPaths


@dataclass
class DurableAccount:
    """The account, and the process that serves it now."""

    paths: LocalPaths
    emulator: Emulator

    @cached_property
    def root(self) -> Clients:
        return Clients(root_environment(self.emulator))

    def kill(self) -> None:
        process = psutil.Process(self.emulator.pid)
        os.kill(self.emulator.pid, signal.SIGKILL)
        process.wait(10)

    def go_on(self) -> None:
        before = self.emulator
        self.emulator = start(self.paths, owner=os.getpid(), durable=True)
        assert self.emulator.public_url == before.public_url, "another process has taken the port"
        assert self.emulator.instance != before.instance

    def die_and_go_on(self) -> None:
        self.kill()
        self.go_on()


@pytest.fixture(scope="session")
def durable_account(
    tmp_path_factory: pytest.TempPathFactory,
    emulator: Emulator,  # noqa: ARG001 - skips where there is no emulator
) -> Iterator[DurableAccount]:
    """One for each test process: what a test makes in it has names of its own."""
    paths = LocalPaths(run=tmp_path_factory.mktemp("durable"))
    account = DurableAccount(paths, start(paths, owner=os.getpid(), ports=(0, 0), durable=True))
    bootstrap(account.emulator)
    yield account
    stop(paths)
