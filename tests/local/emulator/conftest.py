"""The account of this worker's emulator as this room's tests use it."""

from collections.abc import Iterator

import pytest

from local.emulator.process import Emulator
from tests.local.emulator.cloud import Cloud, Queue, Sessions


@pytest.fixture(scope="session")
def cloud_sessions(emulator: Emulator) -> Sessions:
    """The clients of this worker's emulator."""
    return Sessions(emulator)


@pytest.fixture
def cloud(cloud_sessions: Sessions) -> Iterator[Cloud]:
    """The account; what a test makes through it goes away with the test."""
    made = Cloud(cloud_sessions)
    with made.cleanup:
        yield made


@pytest.fixture
def cloud_queue(cloud: Cloud, unique_name: str) -> Queue:
    """A queue with a dead-letter queue, under a name of the test's own."""
    return cloud.queue(unique_name)
