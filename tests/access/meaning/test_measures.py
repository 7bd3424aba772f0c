from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.meaning.measures import Measure


@pytest.mark.parametrize(
    ("measure", "text", "size"),
    [
        (Measure.NUMBER, "10", Fraction(10)),
        (Measure.NUMBER, "-0.25", Fraction(-1, 4)),
        (Measure.NUMBER, "1e3", None),
        (Measure.NUMBER, "", None),
        (Measure.NUMBER, "\u0661", None),
        (Measure.INSTANT, "1970", Fraction(0)),
        (Measure.INSTANT, "1970-01-02", Fraction(86_400)),
        (Measure.INSTANT, "1970-01-01T01:00+01:00", Fraction(0)),
        (Measure.INSTANT, "1969-12-31T23:30:00-00:30", Fraction(0)),
        (Measure.INSTANT, "1970-01-01T00:00:00.5Z", Fraction(1, 2)),
        (Measure.INSTANT, "86400", Fraction(86_400)),
        (Measure.INSTANT, "1970-02-30", None),
        (Measure.INSTANT, "1970-01-01T00:00", None),
        (Measure.IPV4, "0.0.1.0", Fraction(256)),
        (Measure.IPV4, "::1", None),
        (Measure.IPV6, "::1", Fraction(1)),
        (Measure.IPV6, "10.0.0.1", None),
        (Measure.IPV4, "10.0.0.256", None),
    ],
)
def test_a_text_is_read_as_what_it_measures(measure: Measure, text: str, size: Fraction | None) -> None:
    assert measure.of(text) == size


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 - the strategy wants it so
def test_instants_agree_with_pythons(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = Fraction(since.days * 86_400 + since.seconds) + Fraction(since.microseconds, 1_000_000)
    assert Measure.INSTANT.of(aware.strftime("%Y").zfill(4) + aware.strftime("-%m-%dT%H:%M:%S.%fZ")) == seconds


@given(st.sampled_from(Measure), st.integers(min_value=0, max_value=2**32 - 1))
def test_what_is_written_measures_the_same(measure: Measure, size: int) -> None:
    assert measure.of(measure.written(Fraction(size))) == size


@given(st.decimals(min_value=-1000, max_value=10_000, places=3))
def test_decimals_are_written_so_that_they_measure_the_same(size: object) -> None:
    for measure in (Measure.NUMBER, Measure.INSTANT):
        assert measure.of(measure.written(Fraction(str(size)))) == Fraction(str(size))
