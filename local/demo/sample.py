"""The sample, dealt out: one user uploads all customers, others a part each."""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample" / "cdnow_customers.csv"
WHOLE_FILE_USER = "user_2cdnowWholeFile"
PART_USERS = ("user_2cdnowFirstPart", "user_2cdnowSecondPart", "user_2cdnowThirdPart", "user_2cdnowFourthPart")


@dataclass(frozen=True)
class Upload:
    """A file that a user uploads.

    Args:
        user_id: The user.
        file: The file.
    """

    user_id: str
    file: Path


def deal(folder: Path) -> Iterator[Upload]:
    """The uploads: the whole sample for one user, every fourth customer of it for each of four others.

    Args:
        folder: Where the parts are written.
    """
    yield Upload(WHOLE_FILE_USER, SAMPLE)
    with SAMPLE.open(newline="") as source:
        header, *rows = csv.reader(source)
    for position, user_id in enumerate(PART_USERS):
        part = folder / f"{user_id}.csv"
        with part.open("w", newline="") as target:
            csv.writer(target).writerows([header, *itertools.islice(rows, position, None, len(PART_USERS))])
        yield Upload(user_id, part)
