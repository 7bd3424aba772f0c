"""The emulator's process record: which process serves one local account, and where.

Standard library only: the server writes it, the project's side reads it.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """One run of the emulator.

    Args:
        instance: A fresh id per process start.
        pid: The server's process id.
        public_port: The port of the listener that stands for the public endpoint.
        vpc_port: The port of the listener that stands for the VPC's endpoint.
    """

    instance: str
    pid: int
    public_port: int
    vpc_port: int


def write(path: Path, record: Record) -> None:
    """Writes a record whole or not at all.

    Args:
        path: Where it lives; the folder exists.
        record: What to write.
    """
    beside = path.with_suffix(f".{record.pid}.tmp")
    beside.write_text(json.dumps(asdict(record), indent=2) + "\n")
    os.replace(beside, path)  # noqa: PTH105 - said as what it is: atomic


def read(path: Path) -> Record | None:
    """Reads a record.

    Args:
        path: Where it lives.

    Returns:
        The record, or None if there is none or it cannot be understood (then the account has to start afresh anyway).
    """
    try:
        found = json.loads(path.read_text())
        return Record(str(found["instance"]), int(found["pid"]), int(found["public_port"]), int(found["vpc_port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
