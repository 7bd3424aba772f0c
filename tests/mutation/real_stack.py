"""The real stack as a preview shows it: as a pack is given it, and as access is read from it."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from access.sources.resources import Resource, Stack
from tests.policy_harness.declared import Declared

_MADE_BY_PROVIDER = frozenset({"__defaults", "tagsAll"})
"""What stands among the inputs and no program gives: the provider's notes, and the tags once more."""
STACK, PROJECT_NAME = "local", "retainwise"


def declared(preview: str) -> tuple[Declared, ...]:
    """The resources of AWS that a first preview would make.

    Args:
        preview: What `pulumi preview --json` prints.
    """
    steps = [cast("Mapping[str, object]", step["newState"]) for step in json.loads(preview)["steps"]]
    return tuple(_declared(state) for state in steps if str(state["type"]).startswith("aws:"))


def _declared(state: Mapping[str, object]) -> Declared:
    sources = cast("Mapping[str, Sequence[str] | None]", state.get("propertyDependencies") or {})
    inputs = cast("Mapping[str, object]", state["inputs"])
    outputs = cast("Mapping[str, object]", state.get("outputs") or {})
    return Declared(
        type_token=str(state["type"]),
        name=_name(str(state["urn"])),
        properties={name: value for name, value in inputs.items() if name not in _MADE_BY_PROVIDER},
        outputs={name: value for name, value in outputs.items() if name not in inputs},
        sources={name: [_name(urn) for urn in urns] for name, urns in sources.items() if urns},
        protect=bool(state.get("protect")),
    )


def as_read_for_access(resources: Sequence[Declared]) -> Stack:
    """The same resources as `access` reads them from a preview."""
    urns = {one.name: one.urn(STACK, PROJECT_NAME) for one in resources}
    read = [
        Resource(
            urn=urns[one.name],
            token=one.type_token,
            inputs=one.properties,
            outputs=one.outputs,
            comes_from={
                name: tuple(urns[source] for source in sources if source in urns)
                for name, sources in one.sources.items()
                if name in one.properties
            },
        )
        for one in resources
    ]
    return Stack(STACK, PROJECT_NAME, {one.urn: one for one in read})


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
