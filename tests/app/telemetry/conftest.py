from collections.abc import Iterator

import pytest

from tests.app.doubles.traced import TracedScene


@pytest.fixture
def traced(database_url: str) -> Iterator[TracedScene]:
    made = TracedScene(database_url)
    yield made
    made.engine.dispose()
