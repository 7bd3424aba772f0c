import pytest

from tests.app.servers.databases import DATABASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything about the store runs on each database, unless it says which."""
    chosen = any(mark.args[0] == "database_url" for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_url" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("database_url", DATABASES, indirect=True)
