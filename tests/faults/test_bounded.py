"""The whole application under faults and blows, small enough for every run of the tests; `make soak` is the rest."""

import os
from pathlib import Path

import pytest

from local.emulator.process import Emulator
from tests.app.servers.postgresql import PostgreSQLMissingError
from tests.faults.blows import Blow
from tests.faults.plan import Part, Plan
from tests.faults.run import run

pytestmark = pytest.mark.emulator

BLOWS = {
    Blow.KILL_PUBLISHER: 1,
    Blow.KILL_RELAY: 1,
    Blow.KILL_WORKER: 2,
    Blow.FREEZE_WORKER: 1,
    Blow.KILL_AWS: 1,
}


def test_every_prediction_ends_once_as_it_must_whatever_goes_wrong(
    emulator: Emulator,  # noqa: ARG001 - skips where there is no emulator
    tmp_path: Path,
) -> None:
    result = run(Plan(160, seed=1, blows=BLOWS), tmp_path)
    assert result.judgement.findings == []
    assert result.never_fired == []


def test_nor_does_it_matter_that_postgresqls_connections_are_lost(
    emulator: Emulator,  # noqa: ARG001 - as above
    tmp_path: Path,
) -> None:
    plan = Plan(
        40,
        seed=1,
        store="postgresql",
        workers=2,
        relays=1,
        max_receives=3,
        publishing_weather=0.0,
        working_weather=0.0,
        patience_seconds=150,
    )
    try:
        result = run(plan, tmp_path)
    except PostgreSQLMissingError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert result.judgement.findings == []
    assert result.never_fired == []


@pytest.mark.parametrize(("part", "wrong"), [("fencing", "DOUBLE"), ("heartbeat", "DEAD_LETTERED"), ("outbox", "LOST")])
def test_without_a_part_what_it_is_there_for_is_found(
    emulator: Emulator,  # noqa: ARG001 - as above
    tmp_path: Path,
    part: Part,
    wrong: str,
) -> None:
    plan = Plan(
        40,
        seed=1,
        workers=1,
        relays=0,
        visibility_seconds=2,
        slow_seconds=3.5,
        max_receives=2,
        without=part,
        publishing_weather=10.0 if part == "outbox" else 0.0,
        working_weather=0.0,
        patience_seconds=7,
    )
    found = {finding.wrong.name for finding in run(plan, tmp_path).judgement.findings}
    assert wrong in found
