"""The account of this worker's emulator as this room's tests use it."""

from collections.abc import Iterator

import pytest

from local.emulator.process import Emulator
from tests.local.emulator.cloud import Cloud, Queue


@pytest.fixture
def cloud(emulator: Emulator) -> Iterator[Cloud]:
    """The account; what a test makes through it goes away with the test."""
    made = Cloud(emulator)
    with made.cleanup:
        yield made


@pytest.fixture
def cloud_queue(cloud: Cloud, unique_name: str) -> Queue:
    """A queue with a dead-letter queue, under a name of the test's own."""
    return cloud.queue(unique_name)
