"""Check: turn what a program gives into complete, valid inputs, or say what is wrong with it, without asking AWS.

As in the official provider, the inputs gain the region, `tagsAll`, the automatic name and those defaults that are not
false, zero or empty, and `__defaults` lists the ones that the program did not give.
"""

import difflib
from dataclasses import dataclass
from typing import NamedTuple

from pulumi.runtime.proto.provider_pb2 import CheckRequest

from local.provider.coercion import Mistyped, coerce
from local.provider.configuration import Configuration
from local.provider.naming import Naming, NamingRefused
from local.provider.properties import Value, Values
from local.provider.resource import Failure, Kind, Property, ResourceType
from local.provider.values import has_unknown

DEFAULTS = "__defaults"
"""The official provider's own key: names of the inputs that came from defaults and not from the program."""


@dataclass(frozen=True)
class Subject:
    """Whose inputs are checked.

    Args:
        name: The resource's Pulumi name.
        seed: The engine's random seed for it.
        naming: What `pulumi:autonaming` says; None if it says nothing.
    """

    name: str
    seed: bytes = b""
    naming: CheckRequest.AutonamingOptions | None = None


class Checked(NamedTuple):
    """What a check found.

    Args:
        inputs: The inputs, completed; of use only if nothing failed.
        failures: What is wrong, in the order of the properties' names.
    """

    inputs: dict[str, Value]
    failures: list[Failure]


def check(resource: ResourceType, subject: Subject, old: Values, new: Values, configuration: Configuration) -> Checked:
    """Check a resource's inputs.

    Args:
        resource: Its type.
        subject: Which resource it is.
        old: Its inputs at the last deployment, if there was one.
        new: The inputs that the program gives.
        configuration: The provider's settings.

    Returns:
        The completed inputs and what is wrong with them.
    """
    failures: list[Failure] = []
    inputs = _typed(resource, new, failures)
    defaults: set[str] = set()
    try:
        defaults = _complete(resource, subject, old, inputs, configuration)
    except NamingRefused as error:
        failures.append(Failure("name", str(error)))
    for name, declared in resource.properties.items():
        failures += _failures(name, declared, inputs)
    if not failures:
        failures += resource.check(inputs)
    inputs[DEFAULTS] = [*sorted(defaults)]
    return Checked(inputs, sorted(failures))


def _typed(resource: ResourceType, new: Values, failures: list[Failure]) -> dict[str, Value]:
    typed: dict[str, Value] = {}
    givable = [name for name, declared in resource.properties.items() if not declared.output]
    for name, value in new.items():
        if name.startswith("__") or value is None:
            continue
        if name in resource.unserved:
            failures.append(Failure(name, f"the local AWS provider does not serve it: {resource.unserved[name]}"))
        elif name not in givable:
            near = difflib.get_close_matches(name, givable, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(givable))}"
            failures.append(Failure(name, f"{resource.token} takes no such input; {hint}"))
        else:
            try:
                typed[name] = coerce(resource.properties[name].kind, value)
            except Mistyped as error:
                failures.append(Failure(name, str(error)))
    return typed


def _complete(
    resource: ResourceType, subject: Subject, old: Values, inputs: dict[str, Value], configuration: Configuration
) -> set[str]:
    """Fill in what the program left out; gives the names of the defaults."""
    defaults: set[str] = set()
    if resource.regional:
        inputs.setdefault("region", configuration.region)
    if resource.tagged:
        inputs["tagsAll"] = configuration.tags.all_tags(inputs.get("tags"))
    if resource.naming and "name" not in inputs and "namePrefix" not in inputs:
        inputs["name"] = _automatic_name(resource.naming, subject, old, inputs)
        defaults.add("name")
    for name, declared in resource.properties.items():
        if declared.default and name not in inputs and not any(other in inputs for other in declared.conflicts):
            inputs[name] = declared.default
            defaults.add(name)
    return defaults


def _automatic_name(naming: Naming, subject: Subject, old: Values, inputs: Values) -> Value:
    """Keep the automatic name that the resource has, or make it one."""
    before, marked = old.get("name"), old.get(DEFAULTS)
    if before is not None and (not isinstance(marked, list) or "name" in marked):
        return before
    return naming.automatic(subject.name, subject.seed, subject.naming, inputs)


def _failures(name: str, declared: Property, inputs: Values) -> list[Failure]:
    value = inputs.get(name)
    if value is None:
        return [Failure(name, "it is required and missing")] if declared.required else []
    clashes = [other for other in declared.conflicts if other in inputs]
    if clashes:
        return [Failure(name, f"it cannot be given together with {' and '.join(clashes)}; keep one of them")]
    parts = value if declared.kind is Kind.TEXTS and isinstance(value, list) else [value]
    reasons = [rule(part) for part in parts if not has_unknown(part) for rule in declared.rules]
    return [Failure(name, reason) for reason in reasons if reason]
