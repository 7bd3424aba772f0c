import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ProfileNotFound
from pydantic import SecretStr

from app.doctor.examination import Instruments, examine
from app.doctor.finding import Verdict
from app.settings import Settings, SettingsError
from app.store import open_database
from tests.app.doubles.scene import BUCKET
from tests.app.doubles.sqs import QUEUE_URL

if TYPE_CHECKING:
    from collections.abc import Callable


def verdicts(settings: Settings, instruments: Instruments | None = None) -> dict[str, Verdict]:
    return {each.check: each.verdict for each in examine(lambda: settings, instruments or Instruments())}


def without_aws(database_url: str) -> Settings:
    return Settings(database_url=SecretStr(database_url))


def test_wrong_settings_are_all_that_is_told() -> None:
    def wrong() -> Settings:
        raise SettingsError("WORKER_CONCURRENCY is '0'")

    (finding,) = examine(wrong, Instruments())
    assert (finding.check, finding.verdict, finding.detail) == (
        "settings",
        Verdict.FAILED,
        "WORKER_CONCURRENCY is '0'",
    )


def test_without_a_region_nothing_is_asked_of_aws_and_the_database_still_is(database_url: str) -> None:
    open_database(database_url).dispose()
    assert verdicts(without_aws(database_url)) == {
        "settings": Verdict.FAILED,
        "database": Verdict.OK,
        "outbox": Verdict.OK,
    }


def test_a_profile_that_does_not_exist_is_told(database_url: str) -> None:
    def no_profile(_region: str) -> None:
        raise ProfileNotFound(profile="nobody")

    settings = without_aws(database_url).model_copy(update={"aws_region": "us-east-1"})
    found = verdicts(settings, Instruments(sts=no_profile))  # type: ignore[arg-type]  # it gives none
    assert found["credentials"] is Verdict.FAILED


class _Damaged:
    """Answers everything with nothing."""

    def __getattr__(self, _operation: str) -> object:
        return lambda **_arguments: {}


def test_answers_that_are_damaged_are_told_and_the_rest_is_looked_at(database_url: str) -> None:
    open_database(database_url).dispose()
    settings = Settings(
        predictions_queue_url=QUEUE_URL,
        aws_region="us-east-1",
        uploads_bucket=BUCKET,
        enable_sqs_parameter="/switch",
        database_url=SecretStr(database_url),
    )
    make = cast("Callable[..., Any]", lambda _region: _Damaged())
    found = verdicts(settings, Instruments(sts=make, sqs=make, ssm=make, s3=make))
    failed = [check for check, verdict in found.items() if verdict is Verdict.FAILED]
    assert failed == ["credentials", "queue.reached", "kill_switch"]
    assert found["database"] is Verdict.OK


def test_a_file_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite3"
    assert verdicts(without_aws(f"sqlite:///{file}"))["database"] is Verdict.WARNING
    assert not file.exists()


@pytest.mark.parametrize("url", ["sqlite:///{file}", "postgresql://user:secret@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_opened_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    file = tmp_path / "broken.sqlite3"
    file.write_bytes(b"no database" * 1000)
    findings = list(examine(lambda: without_aws(url.format(file=file)), Instruments()))
    (database,) = [each for each in findings if each.check == "database"]
    assert database.verdict is Verdict.FAILED
    assert "secret" not in str(findings)


def test_a_database_without_tables_is_told_and_gets_none(tmp_path: Path) -> None:
    file = tmp_path / "empty.sqlite3"
    sqlite3.connect(file).close()
    file.touch()
    for _ in range(2):
        assert verdicts(without_aws(f"sqlite:///{file}"))["database"] is Verdict.WARNING
