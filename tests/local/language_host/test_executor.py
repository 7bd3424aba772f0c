"""Which frames of an error are the user's."""

import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from local.language_host import executor
from local.language_host.executor import users_traceback
from local.paths import PROJECT

SDK = str(Path(sysconfig.get_path("purelib")) / "pulumi" / "sdk.py")
HOST = executor.__file__
Call = Callable[[], None]
RUNPY = "<frozen runpy>"


def raised_through(*files: str) -> Exception:
    """An error that went through a function in each of the files, the last of which raised it."""

    def broken() -> None:
        raise ValueError("broken")

    call: Call = broken
    for file in reversed(files):
        names: dict[str, Call] = {"deeper": call}
        exec(compile("def call():\n    deeper()\n", file, "exec"), names)  # noqa: S102 - frames of any file
        call = names["call"]
    with pytest.raises(ValueError, match="broken") as caught:
        call()
    error = caught.value
    # The frames of this test at both ends are no part of the story.
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
    return error


def frames(told: str) -> list[str]:
    return [line.split('"')[1] for line in told.splitlines() if line.startswith("  File ") and "in broken" not in line]


@pytest.mark.parametrize(
    ("through", "shown"),
    [
        ((HOST, SDK, RUNPY, "/project/a.py", SDK, "/project/b.py"), ["/project/a.py", SDK, "/project/b.py"]),
        ((HOST, RUNPY, "/elsewhere/a.py"), ["/elsewhere/a.py"]),
        ((HOST, SDK), [SDK]),
    ],
)
def test_a_traceback_begins_with_the_first_frame_in_the_programs_folder(
    through: tuple[str, ...], shown: list[str]
) -> None:
    assert frames(users_traceback(raised_through(*through), Path("/project"))) == shown


def test_an_environment_within_the_programs_folder_is_not_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: "/project/.local/env")
    error = raised_through(HOST, "/project/.local/env/pulumi/sdk.py", "/project/__main__.py")
    assert frames(users_traceback(error, Path("/project"))) == ["/project/__main__.py"]


def test_errors_that_cause_each_other_are_each_told_once() -> None:
    first, second = raised_through(HOST, "/project/a.py"), raised_through(HOST, "/project/b.py")
    first.__cause__, second.__cause__ = second, first
    told = users_traceback(first, Path("/project"))
    assert frames(told) == ["/project/b.py", "/project/a.py"]


def test_the_executor_can_run_without_the_checkout_on_its_path() -> None:
    text = Path(HOST).read_text()
    assert Path(HOST).is_relative_to(PROJECT)
    assert "import local" not in text
    assert "from local" not in text
