"""RunPlugin: how packs and providers are run, their output as it comes, and their end."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeStub

from local.language_host.children import Children
from local.language_host.plugin import NotRunnable, plugin_command

Written = Callable[..., Path]
PATIENCE_SECONDS = 20.0


def request(folder: Path, **fields: object) -> language_pb2.RunPluginRequest:
    made = language_pb2.RunPluginRequest(
        pwd=str(folder.parent), kind="resource", info=language_pb2.ProgramInfo(program_directory=str(folder))
    )
    made.MergeFrom(language_pb2.RunPluginRequest(**fields))  # type: ignore[arg-type]  # the message itself checks them
    return made


def gathered(answers: Iterator[language_pb2.RunPluginResponse]) -> tuple[str, str, int]:
    out, errors, status = b"", b"", -1
    for answer in answers:
        assert status == -1, "nothing may come after the exit status"
        out, errors = out + answer.stdout, errors + answer.stderr
        if answer.HasField("exitcode"):
            status = answer.exitcode
    return out.decode(), errors.decode(), status


def test_a_plugins_streams_and_exit_status_come_back(host: LanguageRuntimeStub, written: Written) -> None:
    folder = written(
        __main__="""
        import os, sys
        print(sys.argv[1:], os.environ["GIVEN"], os.getcwd())
        print("badly", file=sys.stderr)
        sys.exit(4)
        """
    )
    answers = host.RunPlugin(request(folder, args=["127.0.0.1:1"], env=["GIVEN=a=b"]))
    assert gathered(answers) == (f"['127.0.0.1:1'] a=b {folder.parent}\n", "badly\n", 4)


def test_much_output_arrives_whole(host: LanguageRuntimeStub, written: Written) -> None:
    folder = written(
        __main__="import sys\nfor _ in range(50):\n    print('o' * 9999)\n    print('e' * 9999, file=sys.stderr)"
    )
    out, errors, status = gathered(host.RunPlugin(request(folder)))
    assert (len(out), len(errors), status) == (500_000, 500_000, 0)


def test_output_comes_while_the_plugin_runs_and_a_taken_back_call_kills_it(
    host: LanguageRuntimeStub, written: Written
) -> None:
    folder = written(__main__="import os, time\nprint(os.getpid())\ntime.sleep(60)")
    call = host.RunPlugin(request(folder))
    process = psutil.Process(int(next(call).stdout))
    assert process.is_running()
    call.cancel()
    process_ends(process)


def process_ends(process: psutil.Process) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not has_ended(process):
        assert time.monotonic() < end, f"{process} is still there"
        time.sleep(0.02)


def has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_pack_is_run_by_the_sdk_in_its_own_folder(host: LanguageRuntimeStub, written: Written) -> None:
    folder = written(__main__="import os, sys\nprint(os.getcwd(), sys.argv[1])")
    answers = host.RunPlugin(request(folder, kind="analyzer", args=["127.0.0.1:1"]))
    assert gathered(answers) == (f"{folder} 127.0.0.1:1\n", "", 0)


def test_a_pack_that_crashes_shows_its_traceback_and_its_status(host: LanguageRuntimeStub, written: Written) -> None:
    folder = written(__main__="raise ValueError('no rules')")
    _, errors, status = gathered(host.RunPlugin(request(folder, kind="analyzer", args=["127.0.0.1:1"])))
    assert status == 1
    assert f'File "{folder / "__main__.py"}", line 1' in errors
    assert "ValueError: no rules" in errors


def test_the_three_ways_to_run_a_plugin(written: Written) -> None:
    plain, package = written("plain", __main__=""), written("package")
    (package / "pyproject.toml").write_text('[project]\nname = "my-components"\n')
    python = [sys.executable, "-u"]
    assert plugin_command("resource", plain, ["a"]) == [*python, str(plain), "a"]
    assert plugin_command("resource", package, ["a"]) == [*python, "-m", "pulumi.run.plugin", "my-components", "a"]
    assert plugin_command("analyzer", plain, ["a"]) == [*python, "-m", "pulumi.policy", "a", str(plain)]


def test_a_folder_that_is_no_plugin_is_named(host: LanguageRuntimeStub, written: Written) -> None:
    folder = written("nothing")
    with pytest.raises(NotRunnable, match=r"is no plugin: it needs a __main__\.py"):
        plugin_command("resource", folder, [])
    with pytest.raises(grpc.RpcError, match="is no plugin"):
        gathered(host.RunPlugin(request(folder)))


def test_a_debugger_is_refused_in_words(host: LanguageRuntimeStub, written: Written) -> None:
    with pytest.raises(grpc.RpcError, match="starts no debugger"):
        gathered(host.RunPlugin(request(written(__main__=""), attach_debugger=True)))


def test_a_stopping_host_starts_nothing(host: LanguageRuntimeStub, written: Written, children: Children) -> None:
    children.close()
    with pytest.raises(grpc.RpcError, match="the language host is stopping"):
        gathered(host.RunPlugin(request(written(__main__=""))))
    pwd = str(written(__main__=""))
    assert host.Run(language_pb2.RunRequest(pwd=pwd)) == language_pb2.RunResponse(bail=True)
