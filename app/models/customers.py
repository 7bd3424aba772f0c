"""Reading a file of customers' buying histories, with one clear error for what is wrong with it."""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.bounded import bounded
from app.models.predictor import UnusableFileError

COLUMNS = ("ID", "frequency", "recency", "T")
MAX_CUSTOMERS = 500_000
MAX_FREQUENCY = 1_000_000
MAX_TIME = 1e6
_MAX_ID_LENGTH = 64
_MAX_NUMBER_LENGTH = 40
# Recency and T come from the same clock, but often rounded apart.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Customers:
    """Buying histories, one entry a customer in each.

    Args:
        ids: The customers' ids, as the file has them.
        frequency: Repeat purchases: all but the first. Whole numbers.
        recency: Time from the first purchase to the last; 0 where there was no other.
        age: Time from the first purchase to the end of the observation (`T`), in the same unit as recency.
    """

    ids: list[str]
    frequency: NDArray[np.float64]
    recency: NDArray[np.float64]
    age: NDArray[np.float64]


def read_customers(content: bytes) -> Customers:
    """Read a CSV file with the columns ID, frequency, recency and T, in any order.

    Args:
        content: The file: UTF-8, with or without a byte order mark.

    Raises:
        UnusableFileError: The file is not such a file; the message names the first line that is wrong, and how.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFileError(f"the file is not UTF-8 text (byte {error.start}); save it as CSV in UTF-8") from None
    lines = _rows(text)
    _number, header = next(lines, (1, []))
    places = _places(header)
    ids: list[str] = []
    values: list[tuple[int, float, float]] = []
    seen: set[str] = set()
    for number, row in lines:
        if len(row) != len(COLUMNS):
            raise UnusableFileError(f"line {number} has {len(row)} fields instead of {len(COLUMNS)}")
        if len(ids) == MAX_CUSTOMERS:
            raise UnusableFileError(f"the file has more than {MAX_CUSTOMERS} customers; split it")
        customer, frequency, recency, age = (row[place].strip() for place in places)
        ids.append(_unseen_id(customer, seen, number))
        values.append(_history(frequency, recency, age, number))
    if not ids:
        raise UnusableFileError("the file has no customers: nothing follows its header")
    table = np.array(values, dtype=np.float64)
    return Customers(ids, table[:, 0], table[:, 1], table[:, 2])


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their line numbers, without the blank ones."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise UnusableFileError(f"line {reader.line_num} is no CSV: {bounded(error, 100)}") from None


def _places(header: list[str]) -> list[int]:
    names = [name.strip() for name in header]
    if sorted(names) != sorted(COLUMNS):
        found = ", ".join(bounded(name, 30) for name in names[:8]) or "nothing"
        raise UnusableFileError(f"the first line must name the columns {', '.join(COLUMNS)}; it has {found}")
    return [names.index(column) for column in COLUMNS]


def _unseen_id(customer: str, seen: set[str], number: int) -> str:
    """An id that can stand in a spreadsheet: it does not begin as a formula does (`=`, `+`, `-`, `@`)."""
    if not customer or len(customer) > _MAX_ID_LENGTH or not customer[0].isalnum() or not customer.isprintable():
        raise UnusableFileError(
            f"line {number}: ID {bounded(customer, 30)!r} is not 1 to {_MAX_ID_LENGTH} printable characters, "
            "the first a letter or a digit"
        )
    if customer in seen:
        raise UnusableFileError(f"line {number}: ID {bounded(customer, 30)!r} stands on an earlier line too")
    seen.add(customer)
    return customer


def _history(frequency: str, recency: str, age: str, number: int) -> tuple[int, float, float]:
    x = _number("frequency", frequency, MAX_FREQUENCY, number)
    last = _number("recency", recency, MAX_TIME, number)
    observed = _number("T", age, MAX_TIME, number)
    if x != int(x):
        raise UnusableFileError(f"line {number}: frequency {frequency} is not a whole number")
    if observed <= 0:
        raise UnusableFileError(f"line {number}: T must be more than 0")
    if last > observed + _TOLERANCE:
        raise UnusableFileError(f"line {number}: recency {recency} is more than T {age}")
    if (x == 0) != (last == 0):
        raise UnusableFileError(
            f"line {number}: frequency {frequency} and recency {recency} do not fit: "
            "either both are 0 (no repeat purchase) or neither is"
        )
    return int(x), min(last, observed), observed


def _number(column: str, text: str, most: float, number: int) -> float:
    try:
        # Python also reads 1_000 and the digits of other scripts, and would read a megabyte of digits.
        plain = len(text) <= _MAX_NUMBER_LENGTH and text.isascii() and "_" not in text
        value = float(text) if plain else math.nan
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise UnusableFileError(f"line {number}: {column} {bounded(text, 30)!r} is not a number from 0 to {most:g}")
    return value
