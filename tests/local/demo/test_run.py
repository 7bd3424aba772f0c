from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from local.demo import DemoFailedError, run, run_demo
from local.demo.application import ApplicationError
from local.demo.criteria import Findings
from local.emulator.process import Emulator
from local.paths import LocalPaths
from local.stack import LocalStack, Outputs, StackCommandError
from local.stages import Stages
from tests.local.demo.findings import GOOD, OUTPUTS

EMULATOR = Emulator("http://127.0.0.1:4590", "http://127.0.0.1:4591", "instance-1", 4711)


@dataclass(frozen=True)
class Pretended(LocalStack):
    """A stack without an engine."""

    done: list[str] = field(default_factory=list)

    def up(self) -> None:
        self.done.append("up")

    def outputs(self) -> Outputs:
        assert self.done == ["up"]
        return dict(OUTPUTS)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Runs the demo around a main job that ends so; returns what was done."""

    def run_around(job: Callable[[], Findings], stack_type: type[Pretended] = Pretended) -> list[str]:
        stack = stack_type(LocalPaths(project=tmp_path, run=tmp_path / "run"), EMULATOR)
        monkeypatch.setattr(run, "clear_leftovers", lambda *_: stack.done.append("cleared"))
        monkeypatch.setattr(run, "_main_job", lambda *_: job())
        run_demo(stack, Stages(lambda _: None), pytest.fail)
        return stack.done

    return run_around


def test_a_demo_in_which_all_is_well_ends_with_its_summary(
    demo: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo(lambda: GOOD) == ["up", "cleared"]
    shown = capsys.readouterr().out
    assert "✗" not in shown
    assert "deploy the stack, under the policy pack" in shown


def test_a_criterion_that_is_not_met_fails_the_demo_by_name_after_the_summary(
    demo: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DemoFailedError, match=r"^1 of the success criteria are not met:\n.*drained — seen: time$"):
        demo(lambda: replace(GOOD, work={"drained": False, "stopped_by": "time"}))
    assert "✗" in capsys.readouterr().out


def test_an_application_that_fails_fails_the_demo_in_its_words(demo: Callable[..., list[str]]) -> None:
    def job() -> Findings:
        raise ApplicationError("`python -m app work` ended with 3")

    with pytest.raises(DemoFailedError, match="`python -m app work` ended with 3"):
        demo(job)


def test_nothing_is_published_to_a_stack_that_could_not_be_deployed(demo: Callable[..., list[str]]) -> None:
    class Refused(Pretended):
        def up(self) -> None:
            raise StackCommandError(["up"], 255, "")

    with pytest.raises(StackCommandError):
        demo(lambda: pytest.fail("the main job ran"), Refused)
