"""The official download, by the SDK's own installer, in bounded time.

On a machine that reaches package registries only, the download's host is out of reach. That is the normal case there,
not a failure, so it is found out in seconds: the name may not resolve, or a connection may hang.
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from local.engine.bounded import output_within
from local.engine.versions import PINNED

REACH_SECONDS = 8.0
INSTALL_SECONDS = 300.0

_REACH = "import urllib.request; urllib.request.urlopen('https://get.pulumi.com/install.sh', timeout=5).read(64)"
_INSTALL = """
import sys
from semver import VersionInfo
from pulumi.automation import PulumiCommand
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]), skip_version_check=True)
"""


def download(root: Path, log: Path, report: Callable[[str], None], inherited_fds: Sequence[int] = ()) -> Path | None:
    """Download the pinned CLI.

    Args:
        root: The folder to install into.
        log: Where the installer's errors go.
        report: Told of progress.
        inherited_fds: Descriptors that the installer keeps open while it works.

    Returns:
        The binary; None when the host is out of reach or the download fails.
    """
    if output_within([sys.executable, "-c", _REACH], seconds=REACH_SECONDS) is None:
        report("engine: the official download is out of reach from here")
        return None
    report(f"engine: downloading pulumi {PINNED} (at most {INSTALL_SECONDS:.0f} s)")
    command = [sys.executable, "-c", _INSTALL, str(root), str(PINNED)]
    binary = root / "bin" / "pulumi"
    installed = output_within(
        command,
        seconds=INSTALL_SECONDS,
        environment={**os.environ, "PULUMI_HOME": str(root / "home")},  # the installed CLI is asked for its version
        log=log,
        tick=lambda seconds: report(f"engine: downloading, {seconds:.0f} s"),
        inherited_fds=inherited_fds,
    )
    if installed is None or not binary.exists():
        report(f"engine: the download failed (see {log})")
        return None
    return binary
