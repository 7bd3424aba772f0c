"""What instruments say, made short for a test."""

from app.telemetry.instruments import Spread
from app.telemetry.registry import Registry


def counts(registry: Registry, name: str) -> dict[str, float]:
    """The numbers of one instrument, by the values of its attributes; of a histogram, how many there are."""
    return {
        "/".join(attributes.values()): sum(number.counts) if isinstance(number, Spread) else number
        for family in registry.collect()
        if family.description.name == name
        for attributes, number in family.points
    }


def totals(registry: Registry, name: str) -> dict[str, float]:
    """The sums of one histogram's values, by the values of its attributes."""
    return {
        "/".join(attributes.values()): number.total
        for family in registry.collect()
        if family.description.name == name
        for attributes, number in family.points
        if isinstance(number, Spread)
    }
