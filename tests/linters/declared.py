"""What the program declares for an environment: it is run as the engine runs it, against Pulumi's mocks."""

import asyncio
import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import yaml

from local.paths import PROJECT


@dataclass(frozen=True)
class Resource:
    """One resource of AWS's, with the properties that the program gave it."""

    type_token: str
    name: str
    inputs: dict[str, Any]


class _Recording(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.resources: list[Resource] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        inputs = dict(args.inputs)
        if args.typ.startswith("aws:"):
            self.resources.append(Resource(args.typ, args.name, inputs))
        outputs = {"arn": f"arn:aws:any:::{args.name}", "url": f"https://queue/{args.name}"}
        return f"{args.name}-id", {**inputs, **outputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program must need no look-up, but calls {args.token}")


def declared(stack: str, settings: Mapping[str, object]) -> list[Resource]:
    """Every resource of AWS's that the program declares.

    Args:
        stack: The environment whose `Pulumi.<stack>.yaml` is read.
        settings: What is set beside it, by the project's own keys.
    """
    file = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    values = {**file["config"], **{f"retainwise:{key}": value for key, value in settings.items()}}
    recording = _Recording()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        pulumi.runtime.set_mocks(recording, project="retainwise", stack=stack, preview=False)
        pulumi.runtime.set_all_config(
            {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
        )

        @pulumi.runtime.test  # type: ignore[untyped-decorator]  # the SDK leaves its decorator untyped
        def awaited() -> None:
            runpy.run_path(str(PROJECT / "__main__.py"))

        awaited()
    finally:
        pulumi.runtime.set_all_config({})
        asyncio.set_event_loop(None)
        loop.close()
    return sorted(recording.resources, key=lambda one: one.name)
