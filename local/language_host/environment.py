"""The environment that programs and plugins see: the engine's, with this interpreter's environment activated."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local.paths import PROJECT


def child_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Make a child's environment from the host's own.

    The launcher puts the checkout first on PYTHONPATH so that it finds the host. A program must not find more than it
    would under the official host, so that entry is taken away again.

    Args:
        inherited: The environment that the host runs in, or that the engine sent.

    Returns:
        The environment, with the host's own virtual environment as `VIRTUAL_ENV` and first on PATH.
    """
    environment = dict(inherited)
    first, *rest = environment.pop("PYTHONPATH", "").split(os.pathsep)
    kept = rest if first and Path(first) == PROJECT else [first, *rest]
    if any(kept):
        environment["PYTHONPATH"] = os.pathsep.join(kept)
    environment.pop("PYTHONHOME", None)
    binaries = str(Path(sys.executable).parent)
    if sys.prefix != sys.base_prefix:
        environment["VIRTUAL_ENV"] = sys.prefix
    environment["PATH"] = os.pathsep.join([binaries, *filter(None, [environment.get("PATH")])])
    return environment
