"""Run: what a program is given, and what comes back of how it ended."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub

from local.paths import PROJECT
from tests.local.language_host.engine_double import EngineDouble

Request = Callable[..., language_pb2.RunRequest]
Written = Callable[..., Path]
PATIENCE_SECONDS = 20.0
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the SDK's public mark of a secret value


def until(path: Path) -> str:
    end = time.monotonic() + PATIENCE_SECONDS
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end, f"the program never wrote {path}"
        time.sleep(0.02)
    return path.read_text()


def test_a_program_sees_its_stack_its_configuration_and_its_folder(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(
        __main__="""
        import os, sys, pulumi, beside
        pulumi.export("named", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
        pulumi.export("dry", pulumi.runtime.is_dry_run())
        pulumi.export("root", pulumi.runtime.get_root_directory())
        pulumi.export("place", [os.getcwd(), sys.path[0], __file__, __name__, *sys.argv[1:]])
        pulumi.export("beside", beside.WORD)
        pulumi.export("plain", pulumi.Config().require_int("count"))
        pulumi.export("other", pulumi.Config("aws").require("region"))
        pulumi.export("hidden", pulumi.Config().require_secret("token"))
        """,
        beside="WORD = 'found'",
    )
    request = run_request(
        folder,
        organization="acme",
        dryRun=True,
        args=["one"],
        config={"sample:count": "3", "aws:region": "us-east-1", "sample:token": "s3cret"},
        configSecretKeys=["sample:token"],
    )
    assert host.Run(request) == language_pb2.RunResponse()
    outputs = engine_double.outputs["sample-dev"]
    hidden = outputs.pop("hidden")
    assert outputs == {
        "named": ["sample", "dev", "acme"],
        "dry": True,
        "root": str(folder),
        "place": [str(folder), str(folder), str(folder / "__main__.py"), "__main__", "one"],
        "beside": "found",
        "plain": 3,
        "other": "us-east-1",
    }
    assert isinstance(hidden, dict)
    assert SECRET in hidden.values()


def test_a_configuration_too_large_for_an_environment_variable_arrives(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(__main__="import pulumi\npulumi.export('size', len(pulumi.Config().require('large')))")
    assert host.Run(run_request(folder, config={"sample:large": "x" * 1_000_000})) == language_pb2.RunResponse()
    assert engine_double.outputs["sample-dev"] == {"size": 1_000_000}


def test_secrets_are_in_neither_the_arguments_nor_the_environment_of_the_process(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(
        __main__="""
        import os, sys, psutil, pulumi
        seen = str(psutil.Process().cmdline()) + str(dict(os.environ))
        pulumi.export("seen", "s3cret" in seen)
        """
    )
    host.Run(run_request(folder, config={"sample:token": "s3cret"}, configSecretKeys=["sample:token"]))
    assert engine_double.outputs["sample-dev"] == {"seen": False}


def test_the_hosts_own_modules_are_out_of_the_programs_sight(
    host: LanguageRuntimeStub,
    written: Written,
    run_request: Request,
    engine_double: EngineDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))  # as the launcher sets it
    folder = written(
        __main__="""
        import sys, pulumi
        from importlib.util import find_spec
        pulumi.export("modules", [name for name in sys.modules if name.split(".")[0] == "local"])
        pulumi.export("found", [name for name in ("executor", "children", "app") if find_spec(name)])
        pulumi.export("local", find_spec("local").origin)
        """,
        local="",
    )
    assert host.Run(run_request(folder)) == language_pb2.RunResponse()
    assert engine_double.outputs["sample-dev"] == {"modules": [], "found": [], "local": str(folder / "local.py")}


def test_main_may_name_a_file_and_its_neighbours_are_found(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(beside="WORD = 1", stack="import pulumi, beside\npulumi.export('word', beside.WORD)")
    assert host.Run(run_request(folder, entry="stack.py")) == language_pb2.RunResponse()
    assert engine_double.outputs["sample-dev"] == {"word": 1}


def test_two_programs_at_once_share_nothing(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    text = """
    import os, pulumi, sys
    sys.modules["marked"] = sys.modules.get("marked") or pulumi.get_stack()
    pulumi.export("marked", sys.modules["marked"])
    """
    requests = [run_request(written(name, __main__=text), stack=name) for name in ("first", "second")]
    with ThreadPoolExecutor() as both:
        assert list(both.map(host.Run, requests)) == [language_pb2.RunResponse()] * 2
    assert engine_double.outputs == {"sample-first": {"marked": "first"}, "sample-second": {"marked": "second"}}


def test_an_error_is_told_once_with_the_users_frames_only(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(
        __main__="import beside\nbeside.work()\n",
        beside="""
        def work():
            try:
                {}["key"]
            except KeyError as error:
                raise ValueError("no such thing") from error
        """,
    )
    assert host.Run(run_request(folder)) == language_pb2.RunResponse(bail=True)
    (told,) = engine_double.errors
    assert told.startswith("Program failed with an unhandled exception:\nTraceback (most recent call last):\n")
    assert told.endswith("ValueError: no such thing\n")
    assert "KeyError: 'key'" in told
    frames = [line.split('"')[1] for line in told.splitlines() if line.startswith("  File ")]
    assert frames == [str(folder / f"{name}.py") for name in ("beside", "__main__", "beside")]


def test_an_error_in_an_apply_names_the_users_line(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(__main__="import pulumi\npulumi.Output.from_input(1).apply(lambda one: one / 0)\n")
    assert host.Run(run_request(folder)) == language_pb2.RunResponse(bail=True)
    (told,) = engine_double.errors
    assert f'File "{folder / "__main__.py"}", line 2, in <lambda>' in told
    assert told.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import pulumi\nraise pulumi.RunError('vpcId: say which VPC')", "vpcId: say which VPC"),
        ("import sys\nsys.exit('no account given')", "no account given"),
        ("import sys\nsys.exit(3)", "The program ended itself with exit status 3."),
    ],
)
def test_a_deliberate_end_is_told_in_its_own_words_alone(  # noqa: PLR0913, PLR0917 - fixtures, given by name
    host: LanguageRuntimeStub,
    written: Written,
    run_request: Request,
    engine_double: EngineDouble,
    text: str,
    told: str,
) -> None:
    assert host.Run(run_request(written(__main__=text))) == language_pb2.RunResponse(bail=True)
    assert engine_double.errors == [told]


def test_an_exit_without_a_fault_is_a_success(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(__main__="import pulumi, sys\npulumi.export('one', 1)\nsys.exit(0)")
    assert host.Run(run_request(folder)) == language_pb2.RunResponse()
    assert engine_double.errors == []


def test_a_syntax_error_shows_file_line_and_no_frame(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written(__main__="import pulumi\nnumbers = (1,\n")
    assert host.Run(run_request(folder)) == language_pb2.RunResponse(bail=True)
    (told,) = engine_double.errors
    assert told.splitlines()[1] == f'  File "{folder / "__main__.py"}", line 2'
    assert told.endswith("SyntaxError: '(' was never closed\n")
    assert "Traceback" not in told


def test_a_folder_without_a_program_is_named(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    folder = written()
    assert host.Run(run_request(folder)) == language_pb2.RunResponse(bail=True)
    assert engine_double.errors == [f"unable to find main python program `__main__.py` in `{folder}`"]


def test_a_crash_is_told_and_the_host_lives(
    host: LanguageRuntimeStub, written: Written, run_request: Request, engine_double: EngineDouble
) -> None:
    crash = written("crash", __main__="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert host.Run(run_request(crash)).error == "The program was ended by SIGKILL."
    status = written("status", __main__="import os\nos._exit(7)")
    assert host.Run(run_request(status)).error == "The program's process ended with exit status 7."
    assert host.Run(run_request(written("well", __main__=""))) == language_pb2.RunResponse()
    assert engine_double.errors == []


def test_a_folder_that_is_gone_is_an_error_in_words(
    host: LanguageRuntimeStub, tmp_path: Path, run_request: Request
) -> None:
    answer = host.Run(run_request(tmp_path / "gone"))
    assert answer.error.startswith(f"The program could not be started in {tmp_path / 'gone'}: ")


def test_a_debugger_is_refused_in_words(host: LanguageRuntimeStub, written: Written, run_request: Request) -> None:
    answer = host.Run(run_request(written(__main__=""), attach_debugger=True))
    assert answer.error == "This language host starts no debugger: leave out --attach-debugger."


WAITING = """
import os, pathlib, sys, time
try:
    pathlib.Path("pid").write_text(str(os.getpid()))
    time.sleep(60)
finally:
    pathlib.Path("cleaned").write_text("up")
"""


@pytest.mark.parametrize("how", ["Cancel", "the call's end", "SIGINT to the process"])
def test_a_stopped_program_cleans_up_and_says_nothing(  # noqa: PLR0913, PLR0917 - fixtures, given by name
    host: LanguageRuntimeStub,
    written: Written,
    run_request: Request,
    engine_double: EngineDouble,
    capfd: pytest.CaptureFixture[str],
    how: str,
) -> None:
    folder = written(__main__=WAITING)
    call = host.Run.future(run_request(folder))
    process = int(until(folder / "pid"))
    if how == "Cancel":
        host.Cancel(Empty())
    elif how == "the call's end":
        call.cancel()
    else:
        os.kill(process, signal.SIGINT)
    if how == "the call's end":
        with pytest.raises(grpc.FutureCancelledError):
            call.result(timeout=PATIENCE_SECONDS)
    else:
        assert call.result(timeout=PATIENCE_SECONDS) == language_pb2.RunResponse(bail=True)
    assert until(folder / "cleaned") == "up"
    assert engine_double.errors == []
    assert capfd.readouterr() == ("", "")


def test_what_the_program_writes_is_written_by_the_host(
    host: LanguageRuntimeStub, written: Written, run_request: Request, capfd: pytest.CaptureFixture[str]
) -> None:
    text = "import sys\nprint('to out')\nprint('to err', file=sys.stderr)\nprint(repr(sys.stdin.read()))"
    host.Run(run_request(written(__main__=text)))
    assert capfd.readouterr() == ("to out\n''\n", "to err\n")
