"""Whatever is dropped from the real stack or widened in it, the pack or the access matrix notices.

What neither notices is listed in tests/mutation/unnoticed.py, each with its reason.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from access.deployed import Deployed
from access.matrix.cells import build
from access.matrix.expected import differences, read_expected
from access.sources import Settings, SourceError, load_settings
from access.sources.assembly import assemble
from local.paths import PROJECT
from policies import RULES
from tests.mutation.mutants import mutants
from tests.mutation.real_stack import PROJECT_NAME, STACK, as_read_for_access, declared
from tests.mutation.unnoticed import UNNOTICED, reason
from tests.policy_harness.declared import Declared
from tests.policy_harness.pack import PackUnderTest
from tests.stack.trial import NewTrial

pytestmark = pytest.mark.engine

MEMBERS = (
    "predictions-consumer-attachment",
    "predictions-consumer-policy",
    "predictions-consumer-role",
    "predictions-dlq",
    "predictions-dlq-not-empty",
    "predictions-dlq-policy",
    "predictions-dlq-redrive-allow",
    "predictions-oldest-message-age",
    "predictions-producer-attachment",
    "predictions-producer-policy",
    "predictions-producer-role",
    "predictions-queue",
    "predictions-queue-policy",
)


@dataclass(frozen=True)
class Watch:
    """The pack as it is configured for the stack, and the matrix that is expected of it."""

    pack: PackUnderTest
    settings: Settings
    real: Deployed

    @classmethod
    def over(cls, resources: Sequence[Declared]) -> "Watch":
        configuration = json.loads((PROJECT / "policies" / "config" / f"{STACK}.json").read_text())
        pack = PackUnderTest([rule.as_policy() for rule in RULES], configuration, stack=STACK, project=PROJECT_NAME)
        settings = load_settings(PROJECT, STACK, {})
        return cls(pack, settings, assemble(as_read_for_access(resources), settings, "the preview"))

    def notices(self, resources: Sequence[Declared]) -> bool:
        """Whether anything is wrong with these resources."""
        return bool(self.pack.preview(resources).violations) or self._access_differs(resources)

    def _access_differs(self, resources: Sequence[Declared]) -> bool:
        try:
            deployed = assemble(as_read_for_access(resources), self.settings, "the preview")
        except SourceError:
            return True
        if deployed == self.real:
            return False
        expected = read_expected(PROJECT / "access" / "expected.json")
        return bool(differences(build(deployed, self.settings), expected))


@pytest.fixture(scope="module")
def real_stack(new_trial: NewTrial) -> tuple[Declared, ...]:
    return declared(new_trial().runs("preview", "--json", "--show-sames"))


def test_the_real_stack_is_above_suspicion(real_stack: tuple[Declared, ...]) -> None:
    assert {one.name for one in real_stack} == set(MEMBERS)
    assert not Watch.over(real_stack).notices(real_stack)


@pytest.mark.parametrize("member", MEMBERS)
def test_what_is_dropped_or_widened_is_noticed_but_for_what_is_listed(
    real_stack: tuple[Declared, ...], member: str
) -> None:
    watch = Watch.over(real_stack)
    own = [one for one in mutants(real_stack) if one.name.startswith((f"{member}:", f"{member} "))]
    assert own
    unnoticed = {one.name for one in own if not watch.notices(one.resources)}
    assert unnoticed == {one.name for one in own if reason(one.name)}


def test_everything_that_is_listed_is_tried(real_stack: tuple[Declared, ...]) -> None:
    names = [one.name for one in mutants(real_stack)]
    assert [pattern for pattern in UNNOTICED if not any(re.fullmatch(pattern, name) for name in names)] == []
    assert len(set(names)) == len(names)
