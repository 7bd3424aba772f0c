"""What Go's output says about how far a build is."""

import re
from collections import deque
from dataclasses import dataclass, field

LAST_LINES = 15

_DOWNLOAD = re.compile(r"^go: (downloading|extracting|finding) ")
_PACKAGE = re.compile(r"^[\w.~-]+(/[\w.~+@-]+)*$")


@dataclass
class GoProgress:
    """Counts what `go list -deps` or `go build -v` prints: modules being downloaded, and packages.

    Args:
        total: How many packages there will be; None while that is still being found out.
    """

    total: int | None = None
    modules: int = 0
    packages: int = 0
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def line(self, text: str) -> None:
        """Take in one line of Go's output."""
        text = text.rstrip()
        self.last.append(text)
        if _DOWNLOAD.match(text):
            self.modules += 1
        elif _PACKAGE.match(text) and text != "unsafe":  # which is listed, but has nothing to compile
            self.packages += 1

    def __str__(self) -> str:
        """How far it is, in words."""
        if self.total is None:
            return f"{self.modules} modules downloaded"
        if self.packages >= self.total:
            return f"all {self.total} packages compiled, linking"
        return f"{self.packages} of {self.total} packages compiled ({100 * self.packages // self.total} %)"
