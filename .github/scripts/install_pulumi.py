"""Installs the Pulumi CLI that `local/engine` pins: the official one, with its language hosts.

    .venv/bin/python .github/scripts/install_pulumi.py FOLDER

The project's own environment runs it, since the SDK's installer does the work.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from local.engine.download import download


def say(line: str) -> None:
    """Tell the log what is going on."""
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Install it into the folder that is named; 1 when it cannot be had, 2 for a wrong call."""
    if len(arguments) != 1:
        say("usage: install_pulumi.py FOLDER")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "install.log"
    if download(folder, log, say):
        return 0
    if log.exists():
        say(log.read_text(encoding="utf-8", errors="replace"))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
