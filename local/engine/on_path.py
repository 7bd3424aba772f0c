"""The Pulumi CLI that the person already has."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from local.engine.bounded import output_within
from local.engine.versions import PINNED, Version, fits, parse_version

ANSWER_SECONDS = 10.0


def answered_version(binary: Path) -> Version | None:
    """What `pulumi version` answers; None if it does not answer in time."""
    with TemporaryDirectory() as home:  # even to this it writes a log into its home
        environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": home}
        answer = output_within([str(binary), "version"], seconds=ANSWER_SECONDS, environment=environment)
    return parse_version(answer or "")


def find_on_path(
    search_path: str,
    *,
    besides: Path,
    report: Callable[[str], None],
    answer: Callable[[Path], Version | None] = answered_version,
) -> tuple[Path, Version] | None:
    """The first `pulumi` on PATH that fits.

    Args:
        search_path: PATH.
        besides: A folder to skip: our own.
        report: Told of those that do not fit.
        answer: Asks a binary for its version.

    Returns:
        The binary and its version. Wrapper scripts are passed over, since the binary is used from another place.
    """
    for folder in search_path.split(os.pathsep):
        if not folder or Path(folder).resolve() == besides.resolve():
            continue
        candidate = (Path(folder) / "pulumi").resolve()
        if not (candidate.is_file() and os.access(candidate, os.X_OK) and _is_binary(candidate)):
            continue
        version = answer(candidate)
        if version and fits(version):
            return candidate, version
        report(f"engine: {candidate} is {version or 'of no version that it tells'}; {PINNED} or later is needed")
    return None


def _is_binary(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(2) != b"#!"
