"""State: outputs and inputs made from what AWS reports, or, at a preview, from what is known beforehand."""

from local.provider.check import DEFAULTS
from local.provider.configuration import Configuration
from local.provider.diff import same
from local.provider.properties import UNKNOWN, Value, Values
from local.provider.resource import Property, ResourceType
from local.provider.values import is_empty, text_map


def outputs(resource: ResourceType, actual: Values, known: Values, configuration: Configuration) -> dict[str, Value]:
    """Make a resource's outputs from what AWS reports.

    Args:
        resource: The resource type.
        actual: The properties as AWS reports them.
        known: What is known already, inputs over outputs: it keeps its form where AWS reports the same in another.
        configuration: The provider's settings.

    Returns:
        The outputs, named and shaped as the official provider's.
    """
    found = dict(actual)
    if resource.tagged:
        seen = configuration.tags.seen(text_map(actual, "tagsAll"))
        found["tagsAll"] = {**seen}
        found["tags"] = {**configuration.tags.own(seen, known.get("tags"))} or None
    if resource.regional:
        found["region"] = known.get("region") or configuration.region
    for name, declared in resource.properties.items():
        before = known.get(name)
        if declared.remembered:
            found[name] = declared.default if before is None else before
        elif before is not None and name in found and same(declared, before, found[name]):
            found[name] = before
    return {name: value for name, value in found.items() if value is not None}


def previewed(resource: ResourceType, inputs: Values, old: Values) -> dict[str, Value]:
    """Foretell a resource's outputs.

    Args:
        resource: The resource type.
        inputs: Checked inputs.
        old: Its outputs so far; empty if it does not exist yet.

    Returns:
        The outputs; `UNKNOWN` where only AWS can tell.
    """
    foretold = {
        name: _foretold(name, declared, inputs, old)
        for name, declared in resource.properties.items()
        if not name.startswith("__")
    }
    return {name: value for name, value in foretold.items() if not (value is None or (name == "tags" and value == {}))}


def refreshed_inputs(resource: ResourceType, old: Values, found: Values) -> dict[str, Value]:
    """Bring inputs up to date with what AWS reports; inputs that the program did not give are not added.

    Args:
        resource: The resource type.
        old: The inputs so far.
        found: The outputs just made from what AWS reports.

    Returns:
        The inputs, with what AWS no longer has left out.
    """
    kept: dict[str, Value] = {}
    defaults = old.get(DEFAULTS)
    changed: set[str] = set()
    for name, value in old.items():
        declared = resource.properties.get(name)
        if declared is None or declared.output:
            continue
        now = found.get(name)
        if same(declared, value, now):
            kept[name] = value
            continue
        changed.add(name)
        if now is not None:
            kept[name] = now
    if isinstance(defaults, list):
        kept[DEFAULTS] = [name for name in defaults if name not in changed]
    return kept


def imported_inputs(resource: ResourceType, found: Values) -> dict[str, Value]:
    """Make the inputs with which a program would have made the resource.

    Args:
        resource: The resource type.
        found: The outputs just made from what AWS reports.

    Returns:
        What is required, and what is neither empty, false, zero nor a default (the official provider's rule).
    """
    inputs: dict[str, Value] = {
        name: found[name]
        for name, declared in resource.properties.items()
        if name in found and not declared.output and (declared.required or _says_something(declared, found[name]))
    }
    return {**inputs, DEFAULTS: []}


def _says_something(declared: Property, value: Value) -> bool:
    if declared.default is not None:
        return value != declared.default
    return not is_empty(value) and value is not False and value != 0


def _foretold(name: str, declared: Property, inputs: Values, old: Values) -> Value:
    if name in inputs:
        return inputs[name]
    if not (declared.output or declared.computed):
        return declared.default
    return old.get(name) if old else UNKNOWN
