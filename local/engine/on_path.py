"""The Pulumi CLI that the person already has."""

import os
from pathlib import Path

from local.engine.bounded import output_within
from local.engine.versions import Version, fits, parse_version

ANSWER_SECONDS = 10.0


def find_on_path(search_path: str, *, besides: Path) -> tuple[Path, Version] | None:
    """The first `pulumi` on PATH that fits.

    Args:
        search_path: PATH.
        besides: A folder to skip: our own.

    Returns:
        The binary and its version. Wrapper scripts are passed over, since the binary is used from another place.
    """
    for folder in search_path.split(os.pathsep):
        if not folder or Path(folder).resolve() == besides.resolve():
            continue
        candidate = (Path(folder) / "pulumi").resolve()
        if os.access(candidate, os.X_OK) and candidate.is_file() and _is_binary(candidate):
            version = answered_version(candidate)
            if version and fits(version):
                return candidate, version
    return None


def answered_version(binary: Path) -> Version | None:
    """What `pulumi version` answers; None if it does not answer in time."""
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    return parse_version(output_within([str(binary), "version"], seconds=ANSWER_SECONDS, environment=environment) or "")


def _is_binary(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(2) != b"#!"
