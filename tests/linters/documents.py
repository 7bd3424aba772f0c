"""Every policy document that the project makes or shows, for linters to read."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from local.paths import PROJECT
from tests.linters.declared import Resource

EXAMPLES = PROJECT / "docs" / "roles"
TRUST = "-trust"


def documents(resources: Iterable[Resource]) -> dict[str, str]:
    """The documents of a stack's resources, by the resource's name; trust policies end in `-trust`."""
    return dict(_documents(resources))


def examples() -> dict[str, str]:
    """The documents of docs/roles, by their file's name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(EXAMPLES.glob("*.json"))}


def with_a_resource(trust: str) -> str:
    """A trust policy as parliament reads it: it asks for a Resource, which a trust policy has none of.

    The role that the policy is of is meant, and any role stands for it.
    """
    document: dict[str, Any] = json.loads(trust)
    for statement in document["Statement"]:
        statement["Resource"] = "arn:aws:iam::111111111111:role/any"
    return json.dumps(document)


def _documents(resources: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    for one in resources:
        if "policy" in one.inputs:
            yield one.name, one.inputs["policy"]
        if "assumeRolePolicy" in one.inputs:
            yield f"{one.name}{TRUST}", one.inputs["assumeRolePolicy"]
