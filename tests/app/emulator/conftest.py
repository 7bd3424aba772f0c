from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.clients import Clients
from local.emulator.process import Emulator
from local.emulator.sessions import root_environment
from tests.app.emulator.job_stack import JobStack


@pytest.fixture(scope="session")
def account_root(emulator: Emulator) -> Clients:
    """The root user's clients, made once: each takes longer to make than a call."""
    return Clients(root_environment(emulator))


@pytest.fixture
def job_stack(emulator: Emulator, account_root: Clients, unique_name: str, tmp_path: Path) -> Iterator[JobStack]:
    """The stack as it is deployed: 300 s of visibility."""
    stack = JobStack(emulator, account_root, unique_name, tmp_path)
    with stack.cleanup:
        yield stack


@pytest.fixture
def brisk_stack(emulator: Emulator, account_root: Clients, unique_name: str, tmp_path: Path) -> Iterator[JobStack]:
    """A stack whose messages come again soon."""
    stack = JobStack(emulator, account_root, unique_name, tmp_path, visibility_seconds=4)
    with stack.cleanup:
        yield stack
