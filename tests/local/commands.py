"""Small commands that stand for big ones: shell scripts in a test's own folder."""

from pathlib import Path


def script(file: Path, body: str) -> Path:
    """Write an executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file
