"""Values as numbers, instants and addresses: what IAM compares by size rather than by text."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
# The W3C's note on dates, which IAM names: a year, perhaps a month, a day, a time with its zone.
_INSTANT: Final = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(T(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)"
    r"(\.(?P<fraction>\d+))?)?(?P<zone>Z|[+-]\d\d:\d\d))?)?)?",
    re.ASCII,
)


class Measure(StrEnum):
    """As what a value is read before it is compared.

    Numbers are integers or decimals. Instants are counted in seconds since 1970, and written so or as the W3C's note
    on dates has it; four digits are a year (IAM user guide, "Condition operators"). Addresses are whole numbers, of
    one family or the other.
    """

    NUMBER = "number"
    INSTANT = "instant"
    IPV4 = "IPv4 address"
    IPV6 = "IPv6 address"

    def of(self, text: str) -> Fraction | None:
        """What the text measures, or None when it is no such thing."""
        return _READERS[self](text)

    def written(self, size: Fraction) -> str:
        """A text that measures so much, as near as a decimal comes."""
        if self is Measure.IPV4:
            return str(IPv4Address(int(size)))
        if self is Measure.IPV6:
            return str(IPv6Address(int(size)))
        if self is Measure.INSTANT and size.denominator == 1 and 0 <= size < _YEAR_10000:
            return datetime.fromtimestamp(int(size), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return str(size.numerator) if size.denominator == 1 else f"{float(size):f}"


def _number(text: str) -> Fraction | None:
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def _instant(text: str) -> Fraction | None:
    if found := _INSTANT.fullmatch(text):
        return _w3c_instant(found)
    return _number(text)


def _w3c_instant(found: re.Match[str]) -> Fraction | None:
    year, month, day, hour, minute, second = (
        int(found[part] or least) for part, least in zip(_PARTS, (0, 1, 1, 0, 0, 0), strict=True)
    )
    try:
        whole = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    past_second = Fraction(f"0.{found['fraction'] or 0}")
    return Fraction(int(whole.timestamp())) + past_second - _offset_seconds(found["zone"] or "Z")


_YEAR_10000: Final = 253_402_300_800
_PARTS: Final = ("year", "month", "day", "hour", "minute", "second")


def _offset_seconds(zone: str) -> int:
    if zone == "Z":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -seconds if zone[0] == "-" else seconds


def _ipv4(text: str) -> Fraction | None:
    try:
        return Fraction(int(IPv4Address(text)))
    except AddressValueError:
        return None


def _ipv6(text: str) -> Fraction | None:
    try:
        return Fraction(int(IPv6Address(text)))
    except AddressValueError:
        return None


_READERS: Final[Mapping[Measure, Callable[[str], Fraction | None]]] = {
    Measure.NUMBER: _number,
    Measure.INSTANT: _instant,
    Measure.IPV4: _ipv4,
    Measure.IPV6: _ipv6,
}
