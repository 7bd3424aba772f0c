"""How one resource of a stack refers to another."""

from collections.abc import Callable

from access.sources.errors import SourceError
from access.sources.resources import Resource


def name_of(resource: Resource) -> str:
    """A resource's name.

    Raises:
        SourceError: When it has none that is known before deployment.
    """
    if (name := resource.known_text("name")) is None:
        raise SourceError(f"{resource.title} has no name; name it, so that it can be judged before it exists")
    return name


def refers(resource: Resource, reference: str, target: Resource, is_its_name: Callable[[str], bool]) -> bool:
    """Whether a resource refers to another: by name or, while that is not known, by being made of its outputs.

    Args:
        resource: Which refers.
        reference: The input by which it does.
        target: To which.
        is_its_name: Whether a text names the other.
    """
    given = resource.text(reference)
    return target.urn in resource.comes_from.get(reference, ()) if given is None else is_its_name(given)


def lists(resource: Resource, references: str, target: Resource) -> bool:
    """Whether a resource lists another, by name or, while that is not known, by being made of its outputs.

    Args:
        resource: Which refers.
        references: The input that is a list.
        target: To which.
    """
    return target.text("name") in resource.items(references) or target.urn in resource.comes_from.get(references, ())
