"""The resources of a Pulumi stack, whether they stand in its state or in a preview of what is to come."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from access.sources.errors import SourceError

_SECRET_KEY = "4dabf18193072939515e22adb298388d"  # noqa: S105 - the mark of a secret in a state, not one
_UNKNOWN = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # a text
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # a map
    }
)
"""What a preview writes in the place of a value that is not known before deployment (Pulumi SDK, `plugin/rpc.go`)."""
_URN = re.compile(r"urn:pulumi:[^:]+::[^:]+::.+::.", re.DOTALL)
_GONE = frozenset({"delete", "discard", "read-discard"})
"""The steps after which a resource is no longer there. Those of a replacement leave the new one."""
_KEPT = frozenset({"same", "update", "refresh"})
"""The steps after which a resource is still called what it was."""


def is_unknown(value: object) -> bool:
    """Whether a value is one that only deployment will tell."""
    return isinstance(value, str) and value in _UNKNOWN


@dataclass(frozen=True)
class Resource:
    """One resource.

    Args:
        urn: Its URN.
        token: Its type, such as `aws:sqs/queue:Queue`.
        inputs: What the program asks for.
        outputs: What the provider answered; empty before deployment.
        comes_from: For each input, the URNs of the resources whose outputs it is made of.
        physical_id: What the provider calls it; None before it is made.
    """

    urn: str
    token: str
    inputs: Mapping[str, object]
    outputs: Mapping[str, object]
    comes_from: Mapping[str, tuple[str, ...]]
    physical_id: str | None = None

    @property
    def title(self) -> str:
        """Its type and its name in the program, for messages."""
        return f"{self.token.rsplit(':', 1)[-1]} {self.urn.rsplit('::', 1)[-1]}"

    def is_unknown(self, name: str) -> bool:
        """Whether a property has a value that only deployment will tell."""
        return is_unknown(self._value(name))

    def text(self, name: str) -> str | None:
        """A property as text; None where it is not set, is empty, or is not known before deployment.

        A document may have been given as a map: it is given as JSON then.

        Raises:
            SourceError: When the property is an encrypted secret.
        """
        value = _revealed(self._value(name), f"{name} of {self.title}")
        if value in (None, "") or self.is_unknown(name):
            return None
        return value if isinstance(value, str) else json.dumps(value)

    def known_text(self, name: str) -> str | None:
        """As `text`, for what cannot be judged without it.

        Raises:
            SourceError: When the property is not known before deployment, or is an encrypted secret.
        """
        if self.is_unknown(name):
            raise self._not_known(name)
        return self.text(name)

    def items(self, name: str) -> tuple[object, ...]:
        """An input that is a list; empty where it is not set or not known.

        Outputs do not count: providers answer there with what other resources have attached, as of some time ago.
        """
        value = _revealed(self.inputs.get(name), f"{name} of {self.title}")
        return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else ()

    def known_items(self, name: str) -> tuple[object, ...]:
        """As `items`, for what cannot be judged without it.

        Raises:
            SourceError: When the list is not known before deployment, or is an encrypted secret.
        """
        if is_unknown(self.inputs.get(name)):
            raise self._not_known(name)
        return self.items(name)

    def _not_known(self, name: str) -> SourceError:
        return SourceError(
            f"{name} of {self.title} is not known before deployment, so nobody can judge it now. Build it from what is"
            f" known, such as names and account, instead of another resource's outputs"
        )

    def _value(self, name: str) -> object:
        return self.outputs.get(name, self.inputs.get(name))


def _revealed(value: object, what: str) -> object:
    """A value, read if it is a secret in plain text.

    Raises:
        SourceError: When it is an encrypted secret, or one that is not written as secrets are.
    """
    if not (isinstance(value, Mapping) and _SECRET_KEY in value):
        return value
    if "plaintext" not in value:
        raise SourceError(f"{what} is encrypted; export the state with --show-secrets")
    try:
        return json.loads(str(value["plaintext"]))
    except (ValueError, RecursionError):
        raise SourceError(f"{what} is a secret whose plaintext is not JSON; export the state anew") from None


@dataclass(frozen=True)
class Stack:
    """A stack's resources.

    Args:
        name: The stack's name.
        project: The project's.
        resources: By URN.
    """

    name: str
    project: str
    resources: Mapping[str, Resource]

    def of(self, *tokens: str) -> Iterator[Resource]:
        """The resources of these types."""
        return (one for one in self.resources.values() if one.token in tokens)


def read_state(text: str, origin: str) -> Stack:
    """Read what `pulumi stack export` gives, or the file in which a backend keeps a stack.

    Args:
        text: The JSON.
        origin: Where it comes from, for messages.

    Raises:
        SourceError: When it is no stack's state.
    """
    document = _object(text, origin)
    checkpoint = document.get("checkpoint")
    deployment = checkpoint.get("latest") if isinstance(checkpoint, Mapping) else document.get("deployment")
    if not isinstance(deployment, Mapping):
        raise SourceError(f"{origin} is no stack's state; `pulumi stack export` gives one")
    raw = deployment.get("resources") or ()
    return _stack((_resource(one) for one in _objects(raw) if not one.get("delete")), origin)


def read_preview(text: str, origin: str, before: Stack | None = None) -> Stack:
    """Read what `pulumi preview --json` gives: the resources as they will be.

    Args:
        text: The JSON.
        origin: Where it comes from, for messages.
        before: The stack as it is. Needed only if the preview leaves out what stays the same, as it does without
            `--show-sames`.

    Raises:
        SourceError: When it is no preview, or an incomplete one.
    """
    document = _object(text, origin)
    steps = document.get("steps")
    if not isinstance(steps, Sequence) or isinstance(steps, str):
        raise SourceError(f"{origin} is no preview; `pulumi preview --json --show-sames` gives one")
    shown = _objects(steps)
    counts = document.get("changeSummary")
    same = counts.get("same", 0) if isinstance(counts, Mapping) else 0
    if not isinstance(same, int):
        raise SourceError(f"{origin} is no preview: its changeSummary counts {same!r} that stay the same, not a number")
    if before is None and sum(step.get("op") == "same" for step in shown) < same:
        raise SourceError(
            f"{origin} leaves out what stays the same; preview with --show-sames, or give the state too, by --state"
        )
    resources = dict(before.resources) if before else {}
    for step in shown:
        if step.get("op") in _GONE:
            resources.pop(str(step.get("urn")), None)
        elif isinstance(new := step.get("newState"), Mapping):
            old = step.get("oldState")
            known = {"id": old.get("id")} if isinstance(old, Mapping) and step.get("op") in _KEPT else {}
            resources[str(step.get("urn"))] = _resource({**known, **new})
    return _stack(resources.values(), origin)


def _stack(resources: Iterable[Resource], origin: str) -> Stack:
    found = {one.urn: one for one in resources}
    if not found:
        raise SourceError(f"{origin} holds no resources: the stack is not deployed")
    if (odd := next((urn for urn in found if not _URN.match(urn)), None)) is not None:
        raise SourceError(
            f"{origin} has a resource with the URN {odd!r}; it is urn:pulumi:<stack>::<project>::<type>::<name>"
        )
    name, project, *_ = next(iter(found)).removeprefix("urn:pulumi:").split("::")
    return Stack(name, project, found)


def _resource(raw: Mapping[str, object]) -> Resource:
    inputs, outputs, sources = raw.get("inputs"), raw.get("outputs"), raw.get("propertyDependencies")
    return Resource(
        urn=str(raw.get("urn")),
        token=str(raw.get("type")),
        inputs=inputs if isinstance(inputs, Mapping) else {},
        outputs=outputs if isinstance(outputs, Mapping) else {},
        physical_id=str(raw["id"]) if raw.get("id") else None,
        comes_from={name: tuple(urns or ()) for name, urns in sources.items()} if isinstance(sources, Mapping) else {},
    )


def _object(text: str, origin: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{origin} is not JSON: {error}") from None
    if not isinstance(found, Mapping):
        raise SourceError(f"{origin} is not a JSON object")
    return found


def _objects(raw: object) -> list[Mapping[str, object]]:
    items = raw if isinstance(raw, Sequence) and not isinstance(raw, str) else ()
    return [one for one in items if isinstance(one, Mapping)]
