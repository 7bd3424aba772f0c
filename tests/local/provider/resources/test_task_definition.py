import json

import pytest

from local.provider.properties import UNKNOWN, Value
from local.provider.resources.task_definition import same_containers
from tests.local.provider.plugin import Plugin

TASK = "aws:ecs/taskDefinition:TaskDefinition"
ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition"


def containers(*environment: tuple[str, str], **more: object) -> str:
    variables = [{"name": name, "value": value} for name, value in environment]
    return json.dumps([{"name": "worker", "image": "worker:1", "environment": variables, **more}])


def given(name: str, **more: Value) -> dict[str, Value]:
    return {
        "family": name,
        "containerDefinitions": containers(("B", "2"), ("A", "1")),
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "tags": {"team": "x"},
        **more,
    }


def test_the_whole_life(root: Plugin, name: str) -> None:
    inputs = root.check(TASK, given(name))
    made = root.create(TASK, inputs)
    assert made.id == name
    assert {key: made.outputs[key] for key in given(name)} == given(name)
    assert (made.outputs["arn"], made.outputs["arnWithoutRevision"]) == (f"{ARN}/{name}:1", f"{ARN}/{name}")
    assert made.outputs["revision"] == 1
    assert not root.diff(TASK, name, made.outputs, inputs).diffs
    assert root.read(TASK, name, inputs, made.outputs)[1:] == (made.outputs, inputs)

    imported = root.read(TASK, f"{ARN}/{name}:1")
    assert not root.diff(TASK, name, imported.outputs, inputs).diffs

    changed = root.change(TASK, made, given(name, tags={"team": "y"}))
    assert changed["tagsAll"] == {"team": "y"}
    assert changed["revision"] == 1

    root.delete(TASK, name, changed)
    assert root.read(TASK, name, inputs, made.outputs).id == ""


def test_a_revision_stays_where_the_program_says_so(root: Plugin, name: str) -> None:
    made = root.make(TASK, given(name, skipDestroy=True))
    root.delete(TASK, name, made.outputs)
    assert root.read(TASK, name, made.outputs, made.outputs).id == name


def test_another_container_is_another_revision_beside_the_old_one(root: Plugin, name: str) -> None:
    old = root.check(TASK, given(name))
    new = root.check(TASK, given(name, containerDefinitions=containers(("A", "2"))))
    found = root.diff(TASK, name, old, new)
    assert list(found.replaces) == ["containerDefinitions"]
    assert not found.deleteBeforeReplace
    assert root.create(TASK, old).outputs["revision"] == 1
    assert root.create(TASK, new).outputs["revision"] == 2


def test_a_preview_tells_what_the_program_gives(root: Plugin, name: str) -> None:
    foretold = root.create(TASK, root.check(TASK, given(name)), preview=True).outputs
    assert foretold["containerDefinitions"] == given(name)["containerDefinitions"]
    assert foretold["arn"] is UNKNOWN


@pytest.mark.parametrize("wrong", ["{}", "[]", "[{}]", "[", "[1]"])
def test_what_defines_no_containers_is_refused(root: Plugin, name: str, wrong: str) -> None:
    assert list(root.failures(TASK, {"family": name, "containerDefinitions": wrong})) == ["containerDefinitions"]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (containers(("A", "1"), ("B", "2")), True),
        (containers(("B", "2"), ("A", "1"), cpu=0, essential=True, mountPoints=[]), True),
        (containers(("B", "2"), ("A", "1"), essential=False), False),
        (containers(("B", "2")), False),
        ("[", False),
    ],
)
def test_containers_are_the_same_whatever_ecs_fills_in(other: str, same: bool) -> None:  # noqa: FBT001 - an expectation
    assert same_containers(containers(("B", "2"), ("A", "1")), other) is same
