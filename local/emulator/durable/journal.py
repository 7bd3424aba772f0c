"""An append-only file of records, each whole or not at all.

Against the end of the process the page cache is enough, so nothing is synced to the disk: a crash of the whole machine
may cost the last seconds. A record that a kill cut short, with all that follows it, is as if it had not been written.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_HEAD: Final = struct.Struct("<II")
"""A record's length in bytes and its CRC-32."""


class JournalError(RuntimeError):
    """The journal cannot be written: nothing that changes may be answered any more."""


def read(path: Path) -> Iterator[bytes]:
    """Reads the records that were written whole.

    Args:
        path: The journal; one that is missing has no records.

    Yields:
        The records in the order of their writing, up to the first that is cut short or damaged.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, checksum = _HEAD.unpack(head)
            record = file.read(length)
            if len(record) < length or zlib.crc32(record) != checksum:
                return
            yield record


def replace(path: Path, records: Iterable[bytes]) -> None:
    """Writes a journal anew; until it is whole, the old one stands.

    Args:
        path: The journal.
        records: All that it is to hold.
    """
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        for record in records:
            file.write(_framed(record))
    os.replace(beside, path)  # noqa: PTH105 - said as what it is: atomic


def _framed(record: bytes) -> bytes:
    return _HEAD.pack(len(record), zlib.crc32(record)) + record


class Journal:
    """A journal that is being written, by one process at a time: a second waits until the first has ended.

    Args:
        path: The file; its folder exists.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = path.with_suffix(".lock").open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._file: int | None = None

    def begin(self, records: Iterable[bytes]) -> None:
        """Replaces all that was written before, then writes behind it.

        Args:
            records: What sums up all that was written before.
        """
        replace(self.path, records)
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND)

    def append(self, record: bytes) -> None:
        """Writes a record; when this returns, the end of the process does not undo it.

        Args:
            record: The record.

        Raises:
            JournalError: It is not written, nor will a later one be.
        """
        if self._file is None:
            raise JournalError(f"{self.path} is not open")
        framed = _framed(record)
        try:
            written = os.write(self._file, framed)
        except OSError as error:
            self.close()
            raise JournalError(f"cannot write {self.path}: {error}") from error
        if written < len(framed):  # the disk is full; what follows a record cut short would not be read
            self.close()
            raise JournalError(f"cannot write {self.path}: only {written} of {len(framed)} bytes were taken")

    def close(self) -> None:
        """Ends the writing and lets the next process begin."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._lock.close()
