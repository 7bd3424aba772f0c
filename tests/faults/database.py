"""The database of a run: a SQLite file, or a PostgreSQL of its own that the application reaches through microburst."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from tests.app.servers.postgresql import PostgreSQL
from tests.faults import injected
from tests.faults.plan import Plan
from tests.faults.proxies import Proxy, free_port


@dataclass(frozen=True)
class Database:
    """Where the records are.

    Args:
        url: For whoever looks from outside.
        applications_url: For the application; it may lead through a proxy.
        proxies: That proxy, by its name; nothing for SQLite.
    """

    url: str
    applications_url: str
    proxies: Mapping[str, Proxy]


@contextmanager
def database(plan: Plan, folder: Path) -> Iterator[Database]:
    """A database of the run's own.

    Args:
        plan: The run.
        folder: Where SQLite's file and the proxy's log lie.

    Raises:
        PostgreSQLMissingError: There is no server to run.
    """
    if plan.store == "sqlite":
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        yield Database(url, url, {})
        return
    port = free_port()
    # A folder with a short path: a socket lies in it.
    with TemporaryDirectory(prefix="pg-") as home:
        server = PostgreSQL(Path(home), port)
        with server.running(), server.database() as url:
            proxy = Proxy(
                "database",
                folder,
                arguments=("--protocol", "postgres", "--upstream", f"127.0.0.1:{port}"),
                environment={},
                faults=[fault for fault in injected.for_database(plan.database_weather) if plan.wants(fault.name)],
                main_operations={},
                seed=plan.seed * 10 + 9,
            )
            try:
                proxy.wait_until_ready()
                yield Database(url, _through(proxy.port, url), {"database": proxy})
            finally:
                proxy.stop()


def _through(port: int, url: str) -> str:
    parsed = make_url(url)
    there = parsed.set(host="127.0.0.1", port=port, query={"options": parsed.query["options"]})
    return there.render_as_string(hide_password=False)
