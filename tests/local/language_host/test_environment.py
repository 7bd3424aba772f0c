"""What programs see of the environment."""

import os
import sys
from pathlib import Path

import pytest

from local.language_host.environment import child_environment
from local.paths import PROJECT


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (str(PROJECT), None),
        (f"{PROJECT}{os.pathsep}/mine", "/mine"),
        (f"{PROJECT}{os.pathsep}{PROJECT}", str(PROJECT)),
        (f"/mine{os.pathsep}{PROJECT}", f"/mine{os.pathsep}{PROJECT}"),
    ],
)
def test_only_the_launchers_entry_leaves_the_python_path(given: str, kept: str | None) -> None:
    assert child_environment({"PYTHONPATH": given}).get("PYTHONPATH") == kept


def test_this_interpreters_environment_is_the_active_one() -> None:
    made = child_environment({"PATH": "/usr/bin", "PYTHONHOME": "/elsewhere", "KEPT": "yes"})
    assert made == {
        "KEPT": "yes",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin",
        "VIRTUAL_ENV": sys.prefix,
    }
