"""The pytest plugin: `pytest -p tests.policy_harness.plugin`, or `pytest_plugins` in the topmost conftest.py."""

from collections.abc import Sequence
from typing import Protocol

import pytest
from pulumi_policy import Policy

from tests.policy_harness.configuration import PackConfiguration
from tests.policy_harness.pack import PackUnderTest


class NewPack(Protocol):
    """Makes a pack that can be asked what it says of a program."""

    def __call__(
        self,
        *policies: Policy,
        configuration: PackConfiguration | None = None,
        stack: str = "dev",
        project: str = "project",
    ) -> PackUnderTest:
        """Make it; the arguments are those of `PackUnderTest`."""


@pytest.fixture
def policy_pack() -> NewPack:
    """Packs of policies, judged as the engine judges them, in process."""

    def make(
        *policies: Policy,
        configuration: PackConfiguration | None = None,
        stack: str = "dev",
        project: str = "project",
    ) -> PackUnderTest:
        return PackUnderTest(_several(policies), configuration, stack=stack, project=project)

    return make


def _several(policies: Sequence[Policy]) -> Sequence[Policy]:
    if not policies:
        raise ValueError("policy_pack needs one policy at least")
    names = [one.name for one in policies]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"policies need names of their own; {', '.join(twice)} stands for several")
    return policies
