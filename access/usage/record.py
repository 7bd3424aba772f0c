"""The files that calls are recorded in, and which of their calls are meant."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from access.sources.errors import SourceError
from access.sources.settings import Settings
from access.usage.cloudtrail import Event, MalformedEventsError, parse_events


def recorded(paths: Iterable[Path], settings: Settings, since: datetime | None = None) -> tuple[Event, ...]:
    """The calls of these files, the policies that decided them called as reports call them.

    A file that is full gives way to a new one and is kept as `<name>.1<suffix>`, as the local stack does it: what lies
    beside a file by that name is read too.

    Args:
        paths: The files.
        settings: The environment, for the names of policies.
        since: Calls before it do not count; None counts all.

    Raises:
        SourceError: When a file is missing, or is no record of calls.
    """
    files = dict.fromkeys(file for path in paths for file in (_older(path), path) if file == path or file.exists())
    events = (event for file in files for event in _read(file))
    return tuple(_labelled(event, settings) for event in events if since is None or event.time >= since)


def _older(path: Path) -> Path:
    return path.with_suffix(f".1{path.suffix}")


def _read(path: Path) -> tuple[Event, ...]:
    try:
        return parse_events(path.read_bytes(), source=str(path))
    except FileNotFoundError:
        raise SourceError(
            f"{path} does not exist: nothing was called yet. `make demo` does; --events names another record"
        ) from None
    except (OSError, MalformedEventsError) as error:
        raise SourceError(str(error)) from None


def _labelled(event: Event, settings: Settings) -> Event:
    def label(policy: str) -> str:
        return settings.label(policy.rsplit(":", 1)[-1].rsplit("/", 1)[-1])

    return replace(event, decided_by=tuple(replace(one, policy=label(one.policy)) for one in event.decided_by))
