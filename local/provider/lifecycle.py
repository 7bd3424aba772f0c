"""A resource's life: created, read, updated, deleted, each with its preview where there is one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from local.provider.clients import Clients, Session
from local.provider.configuration import Configuration
from local.provider.diff import compare, with_defaults
from local.provider.errors import Incomplete, Refused, in_words, sentence
from local.provider.properties import Value, Values
from local.provider.resource import ResourceType
from local.provider.state import imported_inputs, outputs, previewed, refreshed_inputs
from local.provider.values import known_text

_T = TypeVar("_T")


class Found(NamedTuple):
    """A resource that a read found.

    Args:
        outputs: What AWS reports.
        inputs: The inputs that go with it.
    """

    outputs: dict[str, Value]
    inputs: dict[str, Value]


@dataclass(frozen=True)
class Lifecycle:
    """One resource and what can be done with it.

    Args:
        resource: Its type.
        name: Its Pulumi name, for messages.
        clients: The configured provider's clients.
        configuration: The configured provider's settings.
    """

    resource: ResourceType
    name: str
    clients: Clients
    configuration: Configuration

    def create(self, inputs: Values, *, preview: bool) -> tuple[str, dict[str, Value]]:
        """Create the resource and read it back.

        Args:
            inputs: Checked inputs.
            preview: Foretell only; AWS is not called.

        Returns:
            Its id, empty at a preview, and its outputs.

        Raises:
            Refused: It was not created.
            Incomplete: It was created and could not be read.
        """
        if preview:
            return "", previewed(self.resource, inputs, {})
        complete = with_defaults(self.resource, inputs)
        session = self._session(inputs)
        identity = self._told("creating", lambda: self.resource.operations.create(session, complete))
        try:
            return identity, self._read_back("reading the new", identity, inputs, session)
        except Refused as error:
            given = {key: value for key, value in inputs.items() if not key.startswith("__")}
            raise Incomplete(error.message, identity, inputs, given) from error

    def read(self, identity: str, inputs: Values, old: Values) -> Found | None:
        """Read the resource, for a refresh or an import.

        Args:
            identity: Its id.
            inputs: Its inputs so far; empty at an import.
            old: Its outputs so far; empty at an import.

        Returns:
            What was found, or None if it does not exist.

        Raises:
            Refused: It could not be read.
        """
        known = {**old, **inputs}
        session = self._session(known)
        actual = self._told("reading", lambda: self.resource.operations.read(session, identity, known))
        if actual is None:
            return None
        found = outputs(self.resource, actual, known, self.configuration)
        kept = refreshed_inputs(self.resource, inputs, found) if inputs else imported_inputs(self.resource, found)
        return Found(found, kept)

    def update(
        self, identity: str, old: Values, new: Values, ignored: Sequence[str], *, preview: bool
    ) -> dict[str, Value]:
        """Change the resource in place and read it back.

        Args:
            identity: Its id.
            old: Its outputs so far.
            new: Checked inputs.
            ignored: Property paths of the program's `ignoreChanges`.
            preview: Foretell only; AWS is not called.

        Returns:
            Its outputs.

        Raises:
            Refused: It could not be changed or read back.
        """
        if preview:
            return previewed(self.resource, new, old)
        changed = compare(self.resource, old, new, ignored).changed
        complete = with_defaults(self.resource, new)
        session = self._session(old)
        self._told("updating", lambda: self.resource.operations.update(session, identity, old, complete, changed))
        return self._read_back("reading the updated", identity, {**old, **new}, session)

    def delete(self, identity: str, old: Values) -> None:
        """Delete the resource; one that is gone already counts as deleted.

        Args:
            identity: Its id.
            old: Its outputs so far.

        Raises:
            Refused: It could not be deleted.
        """
        session = self._session(old)
        self._told("deleting", lambda: self.resource.operations.delete(session, identity, old))

    def _session(self, known: Values) -> Session:
        return self.clients.session(known_text(known, "region"))

    def _read_back(self, doing: str, identity: str, known: Values, session: Session) -> dict[str, Value]:
        actual = self._told(doing, lambda: self.resource.operations.read(session, identity, known))
        if actual is None:
            reason = f"AWS does not know {identity}, though the call before succeeded; run `pulumi refresh`"
            raise Refused(sentence(doing, self.resource.token, self.name, reason))
        return outputs(self.resource, actual, known, self.configuration)

    def _told(self, doing: str, call: Callable[[], _T]) -> _T:
        """Run calls to AWS, and put what goes wrong into words."""
        try:
            return call()
        except (BotoCoreError, ClientError) as error:
            raise Refused(sentence(doing, self.resource.token, self.name, in_words(error))) from error
