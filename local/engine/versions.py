"""Which engine fits: the one that is pinned, or a later one of the same major version."""

import re
from typing import NamedTuple

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


class Version(NamedTuple):
    """A version, comparable."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """As it is written, without a leading v."""
        return ".".join(str(part) for part in self)


PINNED = Version(3, 259, 0)
"""What is downloaded or built: the newest whose source the module proxy is known to serve. The SDK in requirements.txt
is newer, and is tried with exactly this one by every test of the stack. An engine's protocols only grow within a major
version, so a later engine serves as well; an earlier one has not been tried."""


def parse_version(text: str) -> Version | None:
    """The first version in a text such as `v3.259.0` or `go version go1.26.8 linux/amd64`; None if there is none."""
    match = _VERSION.search(text)
    return Version(*(int(part) for part in match.groups())) if match else None


def fits(version: Version) -> bool:
    """Whether an engine of this version can run the project."""
    return version.major == PINNED.major and version >= PINNED
