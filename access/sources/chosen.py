"""Which of the places that documents can be read from is meant, and reading it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from access.sources.errors import SourceError
from access.sources.resources import Stack, read_preview, read_state

STANDARD_INPUT = "-"
DEFAULT_STATE = "ACCESS_STATE"
"""The environment variable that names the state to read when none is given."""
_NO_STATE = ": nothing is deployed. `make up` deploys the local stack, `pulumi stack export` gives any other's state"
_NO_PREVIEW = "; `pulumi preview --json --show-sames` gives a preview"


@dataclass(frozen=True)
class Source:
    """Where documents are read.

    Args:
        state: An exported state's file, or `-`.
        preview: A preview's file, or `-`; it takes a state beside it if it leaves out what stays the same.
        live: Whether it is the account itself.
    """

    state: str | None = None
    preview: str | None = None
    live: bool = False

    @classmethod
    def chosen(cls, *, state: str | None, preview: str | None, live: bool) -> Self:
        """The place that was named, or else the usual one.

        Raises:
            SourceError: When none is, or more than one.
        """
        if live and (state or preview):
            raise SourceError("--live reads the account itself; give it, or --state and --preview, not both")
        if state == preview == STANDARD_INPUT:
            raise SourceError("--state and --preview cannot both be read from standard input")
        if not (live or state or preview) and not (state := os.environ.get(DEFAULT_STATE)):
            raise SourceError(
                "what shall be read? --state FILE (of `pulumi stack export`), --preview FILE (of `pulumi preview --json"
                " --show-sames`) or --live; - for FILE is standard input"
            )
        return cls(state, preview, live)

    def stack(self) -> Stack:
        """The resources, where they are a stack's state or preview.

        Raises:
            SourceError: When they cannot be read.
        """
        before = read_state(_text(self.state, _NO_STATE), _title(self.state)) if self.state else None
        if self.preview:
            return read_preview(_text(self.preview, _NO_PREVIEW), _title(self.preview), before)
        if before is None:
            raise SourceError("the account itself was asked for, not a stack's state")
        return before

    def __str__(self) -> str:
        if self.live:
            return "the account itself"
        return "its preview" if self.preview else "its state"


def _text(place: str, where_else: str) -> str:
    try:
        return sys.stdin.read() if place == STANDARD_INPUT else Path(place).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SourceError(f"{place} does not exist{where_else}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{place} cannot be read: {error}") from None


def _title(place: str) -> str:
    return "standard input" if place == STANDARD_INPUT else place
