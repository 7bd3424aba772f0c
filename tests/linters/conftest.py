"""The linters, if they are there, and what they are to read."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from local.linters.environment import document_linters
from local.paths import LocalPaths
from tests.linters.declared import Resource, declared
from tests.linters.documents import TRUST, examples
from tests.linters.running import Linters

EVERYTHING_ON = {
    "kmsKeyArn": "arn:aws:kms:us-east-1:333333333333:key/0a1b2c3d-0000-0000-0000-000000000000",
    "alarmTopicArn": "arn:aws:sns:us-east-1:333333333333:on-call",
}
VARIANTS: dict[str, tuple[str, Mapping[str, object]]] = {
    "dev": ("dev", {}),
    "staging": ("staging", {}),
    "prod": ("prod", {}),
    "nobody": ("dev", {"operatorArns": [], "breakGlassArns": []}),
    "everything": ("prod", EVERYTHING_ON),
}
"""The environments as they are configured, one with as few people as may be, and one with every option."""


@pytest.fixture
def linters(tmp_path: Path) -> Callable[[], Linters]:
    """Gives the linters, each time with a folder of its own."""
    environment = document_linters(LocalPaths())
    if not environment.is_made():
        word = f"the linters' environment is missing ({environment.folder}): run `make linters`"
        if os.environ.get("CI") == "true":
            pytest.fail(word)
        pytest.skip(word)
    made: list[Linters] = []

    def make() -> Linters:
        made.append(Linters(environment.folder / "bin", tmp_path / str(len(made))))
        return made[-1]

    return make


@pytest.fixture(scope="session")
def resources() -> list[Resource]:
    """What the program declares in every variant, each resource named after its variant."""
    return [
        Resource(one.type_token, f"{variant}-{one.name}", one.inputs)
        for variant, (stack, settings) in VARIANTS.items()
        for one in declared(stack, settings)
    ]


@pytest.fixture(scope="session")
def roles() -> list[Resource]:
    """The example roles of docs/roles as resources."""
    texts = examples()
    return [
        resource
        for name in texts
        if not name.endswith(TRUST)
        for resource in (
            Resource("aws:iam/policy:Policy", name, {"name": name, "policy": texts[name]}),
            Resource("aws:iam/role:Role", name, {"name": name, "assumeRolePolicy": texts[f"{name}{TRUST}"]}),
        )
    ]
