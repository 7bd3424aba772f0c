"""The tables of "Configuring how CloudWatch alarms treat missing data", row by row, and comparisons."""

import pytest

from local.emulator.alarm_state import Definition, Missing, State, judge

OK, ALARM, INSUFFICIENT = State.OK, State.ALARM, State.INSUFFICIENT_DATA
RETAIN = None

# datapoints oldest first (0 fine, X breaching, - missing), then the states for
# missing, ignore, breaching, notBreaching
THREE_OF_THREE = [
    ("0 - X - X", OK, OK, OK, OK),
    ("- - - - 0", OK, OK, OK, OK),
    ("- - - - -", INSUFFICIENT, RETAIN, ALARM, OK),
    ("0 X X - X", ALARM, ALARM, ALARM, ALARM),
    ("- - X - -", ALARM, RETAIN, ALARM, OK),
]
TWO_OF_THREE = [
    ("0 - X - X", ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", OK, OK, ALARM, OK),
    ("- - - - 0", OK, OK, ALARM, OK),
    ("- - - X -", ALARM, RETAIN, ALARM, OK),
]
TREATMENTS = [Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING]
CASES = [
    (needed, row[0], treatment, state)
    for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for row in table
    for treatment, state in zip(TREATMENTS, row[1:], strict=True)
]


def definition(needed: int, missing: Missing, comparison: str = "GreaterThanOrEqualToThreshold") -> Definition:
    return Definition(comparison, 1.0, 3, needed, missing)


def datapoints(row: str) -> list[float | None]:
    return [{"0": 0.0, "X": 1.0, "-": None}[sign] for sign in row.split()]


@pytest.mark.parametrize(("needed", "row", "treatment", "state"), CASES)
@pytest.mark.parametrize("current", list(State))
def test_missing_data_counts_as_cloudwatch_says(
    needed: int, row: str, treatment: Missing, state: State | None, current: State
) -> None:
    verdict = judge(definition(needed, treatment), datapoints(row), current)
    assert verdict.state is (current if state is RETAIN else state)


def test_a_first_breach_does_not_alarm_before_there_are_enough_datapoints() -> None:
    verdict = judge(definition(3, Missing.MISSING), datapoints("- - - - X"), State.INSUFFICIENT_DATA)
    assert verdict.state is State.INSUFFICIENT_DATA


@pytest.mark.parametrize(
    ("comparison", "breaching", "fine"),
    [
        ("GreaterThanOrEqualToThreshold", 1.0, 0.9),
        ("GreaterThanThreshold", 1.1, 1.0),
        ("LessThanOrEqualToThreshold", 1.0, 1.1),
        ("LessThanThreshold", 0.9, 1.0),
    ],
)
def test_comparisons(comparison: str, breaching: float, fine: float) -> None:
    alarm = definition(1, Missing.NOT_BREACHING, comparison)
    assert judge(alarm, [None, None, None, None, breaching], OK).state is ALARM
    assert judge(alarm, [None, None, None, None, fine], ALARM).state is OK


def test_the_reason_names_the_datapoints_and_the_threshold() -> None:
    breached = judge(definition(1, Missing.NOT_BREACHING), [None, None, 0.0, 0.0, 2.0], OK)
    assert breached.reason == (
        "Threshold Crossed: 1 out of the last 3 datapoints [2.0, 0.0, 0.0] was greater than or equal to the threshold "
        "(1.0)."
    )
    silent = judge(definition(1, Missing.NOT_BREACHING), [None] * 5, ALARM)
    assert silent.reason == (
        "Threshold Crossed: no datapoints were received for 3 periods. "
        "3 missing datapoints were treated as [notBreaching]."
    )
