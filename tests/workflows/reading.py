"""The workflows as they are written, for tests to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import yaml

from local.paths import PROJECT

GITHUB = PROJECT / ".github"
Yaml: TypeAlias = dict[str, Any]  # what a workflow holds is of no fixed form


@dataclass(frozen=True)
class Job:
    """A job of a workflow."""

    workflow: str
    name: str
    content: Yaml

    def __str__(self) -> str:
        return f"{self.workflow}:{self.name}"

    @property
    def steps(self) -> list[Yaml]:
        return cast("list[Yaml]", self.content.get("steps", []))

    @property
    def permissions(self) -> dict[str, str]:
        return cast("dict[str, str]", self.content.get("permissions", {}))

    @property
    def calls(self) -> str | None:
        """The reusable workflow that it is, by its file's name."""
        uses = self.content.get("uses")
        return str(uses).rsplit("/", 1)[-1] if uses else None

    def step(self, name: str) -> Yaml:
        (found,) = [one for one in self.steps if one["name"] == name]
        return found


def workflow(name: str) -> Yaml:
    """A workflow by its file's name. YAML 1.1 takes the key `on` for true."""
    content = cast("dict[Any, Any]", yaml.safe_load((GITHUB / "workflows" / name).read_text(encoding="utf-8")))
    return {"on" if key is True else str(key): value for key, value in content.items()}


def workflow_names() -> list[str]:
    return sorted(file.name for file in (GITHUB / "workflows").iterdir())


def jobs() -> list[Job]:
    return [Job(name, job, content) for name in workflow_names() for job, content in workflow(name)["jobs"].items()]


def job(workflow_name: str, name: str) -> Job:
    return Job(workflow_name, name, workflow(workflow_name)["jobs"][name])


def action(name: str) -> Yaml:
    return cast("Yaml", yaml.safe_load((GITHUB / "actions" / name / "action.yml").read_text(encoding="utf-8")))


def texts() -> Iterator[tuple[str, str]]:
    """Every file below .github with what it holds."""
    for file in sorted(GITHUB.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield str(file.relative_to(GITHUB)), file.read_text(encoding="utf-8")


def scripts() -> Iterator[tuple[str, str]]:
    """Every `run` of the workflows and actions, by where it stands."""
    for one in jobs():
        yield from ((f"{one}: {step['name']}", step["run"]) for step in one.steps if "run" in step)
    for file in (GITHUB / "actions").iterdir():
        steps = action(file.name)["runs"]["steps"]
        yield from ((f"{file.name}: {step['name']}", step["run"]) for step in steps if "run" in step)


def settings_stacks() -> set[str]:
    """The stacks that the project has settings for, the local one left out."""
    return {file.name.split(".")[1] for file in PROJECT.glob("Pulumi.*.yaml")} - {"local"}
