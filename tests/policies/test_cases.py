"""Every rule is broken by its cases and by nothing else in them, and kept by their other half."""

import pytest

from policies import RULES
from tests.policies.case import Case
from tests.policies.cases import CASES
from tests.policy_harness.pack import Outcome
from tests.policy_harness.plugin import NewPack

PROJECT = "retainwise"


def _judged(policy_pack: NewPack, case: Case, *, broken: bool) -> Outcome:
    pack = policy_pack(
        *(rule.as_policy() for rule in RULES),
        configuration={case.rule: case.settings},
        stack=case.stack,
        project=PROJECT,
    )
    return pack.preview(case.broken if broken else case.kept)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.prefix}")
def test_what_breaks_a_rule_breaks_it_alone_and_is_told_what_to_change(policy_pack: NewPack, case: Case) -> None:
    outcome = _judged(policy_pack, case, broken=True)
    assert {(one.policy, one.resource) for one in outcome.violations} == {(case.rule, case.at)}
    assert case.says in "\n".join(one.message for one in outcome.violations)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.prefix}")
def test_what_keeps_a_rule_keeps_them_all(policy_pack: NewPack, case: Case) -> None:
    outcome = _judged(policy_pack, case, broken=False)
    assert outcome.violations == ()


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == {rule.name for rule in RULES}


def test_cases_keep_to_their_own_names() -> None:
    prefixes = [case.prefix for case in CASES]
    assert len(set(prefixes)) == len(prefixes)
    for case in CASES:
        assert all(one.name.startswith(case.prefix) for one in (*case.kept, *case.broken))
        assert case.at in {one.name for one in case.broken}
