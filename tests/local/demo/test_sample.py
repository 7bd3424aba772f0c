import csv
from pathlib import Path

import pytest

from local.demo.sample import PART_USERS, SAMPLE, WHOLE_FILE_USER, deal


def rows(file: Path) -> list[list[str]]:
    with file.open(newline="") as opened:
        return list(csv.reader(opened))


@pytest.fixture
def dealt(tmp_path: Path) -> dict[str, Path]:
    return {upload.user_id: upload.file for upload in deal(tmp_path)}


def test_every_user_has_an_upload_and_one_has_all(dealt: dict[str, Path]) -> None:
    assert list(dealt) == [WHOLE_FILE_USER, *PART_USERS]
    assert dealt[WHOLE_FILE_USER] == SAMPLE


def test_each_customer_is_in_exactly_one_part(dealt: dict[str, Path]) -> None:
    parts = [rows(dealt[user])[1:] for user in PART_USERS]
    together = [tuple(row) for part in parts for row in part]
    assert len(set(together)) == len(together)
    assert sorted(together) == sorted(tuple(row) for row in rows(SAMPLE)[1:])


def test_the_parts_are_files_like_the_whole_of_like_size(dealt: dict[str, Path]) -> None:
    parts = [rows(dealt[user]) for user in PART_USERS]
    assert all(part[0] == rows(SAMPLE)[0] for part in parts)
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_the_sample_itself_is_left_as_it_is(tmp_path: Path) -> None:
    before = SAMPLE.read_bytes()
    list(deal(tmp_path))
    assert SAMPLE.read_bytes() == before
    assert {file.stem for file in tmp_path.iterdir()} == set(PART_USERS)
