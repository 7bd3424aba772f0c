"""The example roles of docs/roles against what deploying and looking take, and against the workflows that take them."""

import json
import re
import subprocess
from typing import Any

import pytest

from local.emulator import permissions
from local.paths import PROJECT
from tests.workflows.reading import job

STATE = {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"}


def statements(name: str) -> list[dict[str, Any]]:
    text = (PROJECT / "docs" / "roles" / f"{name}.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found


def actions(name: str) -> set[str]:
    return {action for statement in statements(name) for action in statement["Action"]}


def test_the_deployer_may_do_what_the_local_deployer_may_and_write_the_state() -> None:
    local = {f"{service}:{action}" for service, names, *_ in permissions.DEPLOYER for action in names}
    assert actions("deployer") == local | STATE | {"s3:PutObject", "s3:DeleteObject"}


def test_the_reader_only_reads() -> None:
    verbs = {action.split(":")[1] for action in actions("reader") - {"kms:Decrypt"}}
    assert [verb for verb in verbs if not verb.startswith(("Get", "List", "Describe"))] == []
    assert actions("reader") >= STATE


@pytest.mark.parametrize("name", ["deployer", "reader"])
def test_only_what_lists_or_asks_is_allowed_on_everything(name: str) -> None:
    everywhere = [one for one in statements(name) if one["Resource"] == "*"]
    verbs = [action.split(":")[1] for one in everywhere for action in one["Action"]]
    assert [verb for verb in verbs if not verb.startswith(("List", "Describe", "GetCallerIdentity"))] == []


@pytest.mark.parametrize(("name", "taken_by"), [("deployer", "update.yml:update"), ("reader", "preview.yml:preview")])
def test_each_role_trusts_the_one_environment_that_its_jobs_stand_in(name: str, taken_by: str) -> None:
    (statement,) = statements(f"{name}-trust")
    conditions = statement["Condition"]
    assert set(conditions) == {"StringEquals"}
    claims = {key.rsplit(":", 1)[-1]: value for key, value in conditions["StringEquals"].items()}
    assert claims["aud"] == "sts.amazonaws.com"
    environment = job(*taken_by.split(":")).content["environment"].replace("${{ inputs.stack }}", "dev")
    assert claims["sub"].startswith("repo:")
    assert claims["sub"].split(":environment:")[1] == environment


@pytest.mark.parametrize("name", ["deployer", "reader", "deployer-trust", "reader-trust"])
def test_the_guides_own_command_leaves_nothing_of_the_example(name: str) -> None:
    guide = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    (edit,) = re.findall(r"^ *edit\(\) \{.*?\}$", guide, re.MULTILINE | re.DOTALL)
    command = ["bash", "-c", f'{edit}\nedit "$1"', "bash", name]
    edited = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert json.loads(edited)["Statement"]
    assert not re.search(r"1{12}|us-east-1|retainwise-dev|:dev|0{12}|OWNER", edited)
    assert "YOUR-" in edited
