from pathlib import Path

from pydantic import SecretStr

from app.dlq.records import NoRecords, Records
from app.settings import Settings
from app.store import open_database
from app.wiring.dead_letters import open_records


def test_a_store_that_does_not_exist_is_not_made_and_knows_nothing(tmp_path: Path) -> None:
    """An empty one would say of every letter that no reason is recorded, which means something else."""
    file = tmp_path / "predictions.sqlite3"
    settings = Settings(database_url=SecretStr(f"sqlite:///{file}"))
    assert isinstance(open_records(settings), NoRecords)
    assert not file.exists()
    open_database(f"sqlite:///{file}").dispose()
    assert isinstance(open_records(settings), Records)
