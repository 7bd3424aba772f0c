"""Pulumi's mocks, with every registration recorded, so that a test can look at the whole graph."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest


@dataclass(frozen=True)
class Registration:
    """One resource as the program registered it."""

    type_token: str
    name: str
    inputs: dict[str, Any]


@dataclass
class Recorded:
    """Everything that a program registered."""

    registrations: list[Registration] = field(default_factory=list)

    def of_type(self, type_token: str) -> list[Registration]:
        return [one for one in self.registrations if one.type_token == type_token]

    def named(self, name: str) -> Registration:
        (found,) = [one for one in self.registrations if one.name == name]
        return found


class _Recording(pulumi.runtime.Mocks):
    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        inputs = dict(args.inputs)
        self._recorded.registrations.append(Registration(args.typ, args.name, inputs))
        outputs = {"arn": f"arn:of:{args.name}", "url": f"https://queue/{inputs.get('name', args.name)}"}
        return f"{args.name}-id", {**inputs, **outputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program must need no look-up, but calls {args.token}")


Deploy = Callable[[Callable[[], object]], Recorded]


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    """Runs a program against the mocks and gives back all that it registered, its outputs awaited.

    `pulumi.runtime.test` awaits every registration, so that an assertion inside an `apply` cannot pass unnoticed.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    def run(program: Callable[[], object]) -> Recorded:
        recorded = Recorded()
        pulumi.runtime.set_mocks(_Recording(recorded), project="retainwise", stack="test", preview=False)

        @pulumi.runtime.test  # type: ignore[untyped-decorator]  # the SDK leaves its decorator untyped
        def awaited() -> None:
            program()

        awaited()
        return recorded

    yield run
    asyncio.set_event_loop(None)
    loop.close()
