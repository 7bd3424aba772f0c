"""The pack's configuration of each stack agrees with the stack's own, and names rules that exist."""

import json
from collections.abc import Mapping

import pytest
import yaml

from local.paths import PROJECT
from policies import RULES
from tests.policy_harness.plugin import NewPack

STACKS = sorted(file.name.split(".")[1] for file in PROJECT.glob("Pulumi.*.yaml"))


def pack_configuration(stack: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads((PROJECT / "policies" / "config" / f"{stack}.json").read_text())
    return found


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(stack: str) -> Mapping[str, object]:
    document = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())
    return {str(key).removeprefix("retainwise:"): value for key, value in document["config"].items()}


def test_there_is_one_for_each_stack() -> None:
    assert STACKS == ["dev", "local", "prod", "staging"]
    assert sorted(file.stem for file in (PROJECT / "policies" / "config").iterdir()) == STACKS


def test_it_names_rules_that_exist(stack: str) -> None:
    assert set(pack_configuration(stack)) <= {rule.name for rule in RULES}


def test_the_engine_takes_it(policy_pack: NewPack, stack: str) -> None:
    policy_pack(*(rule.as_policy() for rule in RULES), configuration=pack_configuration(stack), stack=stack)


def test_it_spares_those_whom_the_stack_spares(stack: str, settings: Mapping[str, object]) -> None:
    configuration = pack_configuration(stack)
    assert configuration["queue-policy-denies-destruction"] == {
        "breakGlassArns": settings["breakGlassArns"],
        "deployerArns": settings["deployerArns"],
    }
    for rule in ("queue-policy-keeps-deployer", "queue-policy-cannot-escalate"):
        assert configuration[rule] == {"deployerArns": settings["deployerArns"]}


def test_it_lets_the_stack_s_operators_redrive(stack: str, settings: Mapping[str, object]) -> None:
    operators = pack_configuration(stack)["queue-policy-denies-messages-to-others"]
    assert operators == {"operatorArns": settings["operatorArns"]}


def test_it_knows_the_stack_s_place(stack: str, settings: Mapping[str, object]) -> None:
    configuration = pack_configuration(stack)
    assert configuration["queue-policy-requires-vpc"] == {
        "vpcIds": [settings["vpcId"]],
        "vpcEndpointIds": [settings["vpcEndpointId"]],
    }
    assert configuration["role-trusts-tasks-only"] == {"accountIds": [settings["accountId"]]}
    assert configuration["vpc-condition-has-endpoint"] == {"endpoints": [settings["vpcEndpointId"]]}
    assert configuration["resource-has-tags"] == {"environments": [settings["environment"]]}
