"""The databases that the application runs on, and the mark of tests that run on each of them.

What only speaks of a store runs on SQLite; what rests on how a database locks, compares or keeps, on both.
"""

from typing import Final

import pytest

DATABASES: Final = ("sqlite", "postgresql")

on_each_database = pytest.mark.parametrize("database_url", DATABASES, indirect=True)
"""For a test that uses `database_url`, be it by way of `scene`."""
