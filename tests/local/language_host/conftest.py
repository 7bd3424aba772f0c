"""A host in this process, an engine for its programs to talk to, and folders with programs in them."""

import textwrap
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from local.language_host.children import Children
from local.language_host.host import LanguageHost
from tests.local.language_host.engine_double import EngineDouble, served

Written = Callable[..., Path]


@pytest.fixture
def engine_double() -> Iterator[EngineDouble]:
    with served() as double:
        yield double


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


@pytest.fixture
def host(engine_double: EngineDouble, children: Children) -> Iterator[language_pb2_grpc.LanguageRuntimeStub]:
    server = grpc.server(futures.ThreadPoolExecutor(8))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine_double.address, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield language_pb2_grpc.LanguageRuntimeStub(channel)
    children.close()
    server.stop(grace=None).wait()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes files, each under its path below a folder of the test's own, and returns the folder."""

    def write(name: str = "program", **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for stem, text in files.items():
            (folder / f"{stem}.py").write_text(textwrap.dedent(text))
        return folder

    return write


@pytest.fixture
def run_request(engine_double: EngineDouble) -> Callable[..., language_pb2.RunRequest]:
    """Makes the request that the engine would send for a program."""

    def make(folder: Path, **fields: object) -> language_pb2.RunRequest:
        made = language_pb2.RunRequest(
            project="sample",
            stack="dev",
            pwd=str(folder),
            parallel=4,
            monitor_address=engine_double.address,
            info=language_pb2.ProgramInfo(
                root_directory=str(folder), program_directory=str(folder), entry_point=str(fields.pop("entry", "."))
            ),
        )
        made.MergeFrom(language_pb2.RunRequest(**fields))  # type: ignore[arg-type]  # the message itself checks them
        return made

    return make
