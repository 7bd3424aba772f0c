from pathlib import Path

import pytest

from local.emulator import record
from local.emulator.record import Record


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = Record("one", 17, 4590, 4591)
    record.write(tmp_path / "emulator.json", written)
    assert record.read(tmp_path / "emulator.json") == written
    assert [each.name for each in tmp_path.iterdir()] == ["emulator.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"instance": "x", "pid": "?", "public_port": 1, "vpc_port": 2}']
)
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "emulator.json").write_text(text)
    assert record.read(tmp_path / "emulator.json") is None
    assert record.read(tmp_path / "missing.json") is None
