"""The workflows' linters.

actionlint finds what GitHub would refuse, with shellcheck for the scripts; zizmor finds what an attacker would use.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PERSONA = "auditor"
"""zizmor's strictest. What it finds and is right as it is stands, with the reason, in `.github/zizmor.yml`."""


@dataclass(frozen=True)
class Found:
    """What a linter says.

    Args:
        linter: Its name.
        said: What it printed.
        passed: Whether it found nothing.
    """

    linter: str
    said: str
    passed: bool


def lint_workflows(root: Path, actionlint: Path, programs: Path) -> list[Found]:
    """Lint the workflows, actions and scripts of a checkout.

    Args:
        root: The checkout, with `.github` in it.
        actionlint: The binary.
        programs: The folder with zizmor and shellcheck.

    Returns:
        What each linter says.
    """
    shellcheck = programs / "shellcheck"
    workflows = sorted((root / ".github" / "workflows").glob("*.yml"))
    scripts = sorted((root / ".github").rglob("*.sh"))
    zizmor = [str(programs / "zizmor"), "--offline", f"--persona={PERSONA}", "--strict-collection", "--color=never"]
    found = [
        _run(
            "actionlint",
            [str(actionlint), "-no-color", f"-shellcheck={shellcheck}", "-pyflakes=", *map(str, workflows)],
            root,
        ),
        _run("zizmor", [*zizmor, "--no-progress", str(root / ".github")], root),
    ]
    if scripts:
        found.append(_run("shellcheck", [str(shellcheck), "--enable=all", *map(str, scripts)], root))
    return found


def _run(linter: str, command: Sequence[str], folder: Path) -> Found:
    # zizmor would ask GitHub for more where it finds a token, and annotates differently on GitHub.
    environment = {name: value for name, value in os.environ.items() if name not in {"GH_TOKEN", "GITHUB_TOKEN"}}
    completed = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return Found(linter, completed.stdout + completed.stderr, passed=completed.returncode == 0)
