"""The other services' stores: compared after each call that may have changed them, entry by entry.

Such calls are rare beside those on queues, and their stores small; what is large, S3's objects, notes itself.
"""

import pickle
from collections.abc import Awaitable, Callable, Hashable, Iterator
from types import ModuleType
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict
from ministack.services import cloudwatch, ec2, ecs, iam, s3, ssm, sts

from local.emulator.durable import restored
from local.emulator.durable.changes import Changes
from local.emulator.durable.restored import Restored, Scoped
from local.emulator.internals import Stored
from local.emulator.seams import private, wrap

MODULES: Final = {module.__name__: module for module in (cloudwatch, ec2, ecs, iam, s3, ssm)}
"""The services that the stack and its account consist of, beside queues and sessions."""
UNKEPT: Final = frozenset({(cloudwatch.__name__, "_metrics")})
"""What is sampled anew."""
REQUEST: Final = ("method", "path", "headers", "body", "query_params")
S3_REQUEST: Final = (
    *REQUEST,
    "signed_path",
    "enforce_bucket_region",
    "internal",
    "access_point_region",
    "access_point",
)
READING: Final = frozenset({"GET", "HEAD"})

Handler = Callable[..., Awaitable[object]]


class Objects(dict[str, Stored]):
    """A bucket's objects, which note by themselves what comes and goes.

    Args:
        bucket: The bucket's key in MiniStack's store.
        changes: Where it is noted.
    """

    __slots__ = ("_bucket", "_changes")

    def __init__(self, bucket: Scoped, changes: Changes) -> None:
        super().__init__()
        self._bucket = bucket
        self._changes = changes

    def __setitem__(self, key: str, record: Stored) -> None:
        super().__setitem__(key, record)
        self._changes.note((restored.OBJECT, self._bucket, key, record))

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._changes.note((restored.OBJECT, self._bucket, key, None))

    def pop(self, key: str, *default: Any) -> Any:  # noqa: ANN401 - dict's overloads, in one
        """Takes an object out.

        Args:
            key: Its key.
            default: What to give if there is none, at most one.
        """
        if key in self:
            self._changes.note((restored.OBJECT, self._bucket, key, None))
        return super().pop(key, *default)


def _stores(module: ModuleType) -> Iterator[tuple[str, dict[Any, Any]]]:
    for name, found in vars(module).items():
        kept = isinstance(found, AccountScopedDict | AccountRegionScopedDict) and (module.__name__, name) not in UNKEPT
        if kept:
            yield name, found._data  # noqa: SLF001 - MiniStack offers no other way in


class Stores:
    """Notes what has changed in the services' stores.

    Args:
        changes: Where it is noted.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._known: dict[tuple[str, str], dict[Hashable, int]] = {}

    def fill(self, state: Restored) -> None:
        """Puts back what the stores held.

        Args:
            state: What they held.
        """
        for (module, name), values in state.entries.items():
            known = self._known.setdefault((module, name), {})
            data = private(MODULES[module], name)._data  # noqa: SLF001 - as above
            for key, value in values.items():
                data[key] = pickle.loads(value)  # noqa: S301 - the journal is this program's own
                known[key] = hash(value)
        buckets = private(s3, "_buckets")._data  # noqa: SLF001 - as above
        for key, bucket in buckets.items():
            bucket["objects"] = Objects(key, self._changes)
            dict.update(bucket["objects"], state.objects.get(key, {}))
        private(ec2, "_infer_default_initialized_scopes_from_restored_stores")()

    def compare(self, module: ModuleType) -> None:
        """Notes what is not as it was.

        Args:
            module: The service.
        """
        if module is s3:
            self._adopt_buckets()
        for name, data in _stores(module):
            self._compare(module.__name__, name, data)

    def _compare(self, module: str, name: str, data: dict[Any, Any]) -> None:
        known = self._known.setdefault((module, name), {})
        for key in [key for key in known if key not in data]:
            del known[key]
            self._changes.note((restored.ENTRY, module, name, key, None))
        for key, value in data.items():
            kept = {**value, "objects": None} if (module, name) == (s3.__name__, "_buckets") else value
            pickled = pickle.dumps(kept, pickle.HIGHEST_PROTOCOL)
            if known.get(key) != hash(pickled):
                known[key] = hash(pickled)
                self._changes.note((restored.ENTRY, module, name, key, pickled))

    def _adopt_buckets(self) -> None:
        for key, bucket in private(s3, "_buckets")._data.items():  # noqa: SLF001 - as above
            if not isinstance(bucket["objects"], Objects):
                objects = Objects(key, self._changes)
                for name, record in bucket["objects"].items():
                    objects[name] = record
                bucket["objects"] = objects

    def comparing(self, module: ModuleType) -> Callable[[Handler], Handler]:
        """Gives a wrapper of a service's entry that compares after each call.

        Args:
            module: The service.
        """

        def wrapper(original: Handler) -> Handler:
            async def handle_request(method: str, *arguments: object, **named: object) -> object:
                try:
                    return await original(method, *arguments, **named)
                finally:
                    if method not in READING:
                        self.compare(module)

            return handle_request

        return wrapper

    def noting_sessions(self, original: Callable[[str, Stored], None]) -> Callable[[str, Stored], None]:
        """Wraps the making of temporary credentials, so that they are noted.

        Args:
            original: MiniStack's own.
        """

        def register_session(access_key: str, session: Stored) -> None:
            original(access_key, session)
            self._changes.note((restored.SESSION, access_key, session))

        return register_session


def install(state: Restored, changes: Changes) -> Stores:
    """Makes the services' changes noted, and fills their stores.

    Args:
        state: What they held.
        changes: Where they are noted.

    Returns:
        The stores: what is put into them otherwise than by a call has to be compared.

    Raises:
        SeamError: The installed MiniStack is another one than this was written against.
    """
    stores = Stores(changes)
    stores.fill(state)
    private(sts, "_sessions").update(state.sessions)
    wrap(sts, "register_session", ("access_key", "session"), stores.noting_sessions)
    for module in MODULES.values():
        wrap(module, "handle_request", S3_REQUEST if module is s3 else REQUEST, stores.comparing(module))
    return stores
