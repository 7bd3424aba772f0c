import importlib.util
import sys
from collections.abc import Sequence

import pytest

from bench.__main__ import BENCHMARKS, main


class Runs:
    """Notes what is run, and says how it went."""

    def __init__(self, **statuses: int) -> None:
        self.statuses = statuses
        self.commands: list[Sequence[str]] = []

    def __call__(self, command: Sequence[str]) -> int:
        self.commands.append(command)
        return self.statuses.get(command[2].removeprefix("bench."), 0)


def test_every_benchmark_is_a_module_and_all_are_run_where_none_is_named() -> None:
    runs = Runs()
    assert main([], runs) == 0
    assert runs.commands == [[sys.executable, "-m", f"bench.{name}"] for name in BENCHMARKS]
    assert all(importlib.util.find_spec(f"bench.{name}") for name in BENCHMARKS)


def test_those_that_are_named_are_run_in_their_order_with_the_options() -> None:
    runs = Runs()
    assert main(["consume", "publish", "--pairs", "3"], runs) == 0
    assert [command[2:] for command in runs.commands] == [
        ["bench.consume", "--pairs", "3"],
        ["bench.publish", "--pairs", "3"],
    ]


def test_options_alone_go_to_all() -> None:
    runs = Runs()
    main(["--pairs", "3"], runs)
    assert [command[3:] for command in runs.commands] == [["--pairs", "3"]] * len(BENCHMARKS)


def test_one_that_fails_keeps_no_other_from_being_run_and_is_told_by_the_status() -> None:
    runs = Runs(publish=3)
    assert main(["publish", "consume"], runs) == 3
    assert len(runs.commands) == 2


def test_an_unknown_name_runs_nothing_and_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    runs = Runs()
    assert main(["publish", "consum"], runs) == 2
    assert not runs.commands
    assert capsys.readouterr().err == "there is no benchmark 'consum'; choose from publish, consume, policy_pack\n"


@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_help_lists_them_and_runs_nothing(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    runs = Runs()
    assert main([asked], runs) == 0
    assert not runs.commands
    told = capsys.readouterr().err
    assert all(name in told for name in BENCHMARKS)


def test_help_after_a_name_is_the_benchmarks_own() -> None:
    runs = Runs()
    main(["publish", "--help"], runs)
    assert [command[2:] for command in runs.commands] == [["bench.publish", "--help"]]
