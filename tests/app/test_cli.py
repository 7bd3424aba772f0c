import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from botocore.exceptions import EndpointConnectionError

import app.__main__
import app.settings
from app.client import SQSClient
from app.store import Outbox, PredictionStore, RejectionStore, open_database
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.emf import read

PROJECT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/predictions"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """The CLI in this process: exit code, stdout, stderr."""

    def run_cli(*arguments: str) -> tuple[int, str, str]:
        app.settings.load_settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        with pytest.raises(SystemExit) as ended:
            app.__main__.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    yield run_cli
    app.settings.load_settings.cache_clear()


@pytest.fixture
def filled(database: str) -> str:
    """A store with a completed, a failed and a waiting prediction, and a rejection; the completed one's id."""
    engine = open_database(database)
    clock = FakeClock()
    predictions = PredictionStore(engine, clock)
    ids = [uuid4() for _ in range(3)]
    for prediction_id in ids:
        predictions.add(
            prediction_id=prediction_id, user_id="user_abc", upload_id=uuid4(), s3_file_path="s3://abc/k.csv"
        )
        clock.advance(1)
    outbox = Outbox(engine, clock)
    for prediction_id in ids[:2]:
        outbox.settle(outbox.take([prediction_id]), sent={prediction_id: "m"})
        claim = predictions.claim(prediction_id, message_id="m", lease_until=clock.now())
        if prediction_id == ids[0]:
            summary = {"customers": 12, "at_risk": 3, "mean_probability_alive": 0.75}
            predictions.complete(claim, result_path="s3://abc/r.csv", summary=summary)  # type: ignore[arg-type]  # it is a claim
        else:
            predictions.fail(claim, code="unusable-file", reason="[red]line 2[/red]", message_id="m")  # type: ignore[arg-type]  # it is a claim
    RejectionStore(engine, clock).record(
        message_id="poison", code="not-json", reason="the body is not JSON", prediction_id=None, receives=3
    )
    engine.dispose()
    return str(ids[0])


def test_help_loads_nothing_heavy() -> None:
    """The interpreter's start and typer are all that `--help` waits for."""
    code = (
        "import sys, app.__main__\n"
        "heavy = {'boto3', 'botocore', 'numpy', 'pydantic', 'scipy', 'sqlalchemy', 'structlog'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=30
    )
    assert shown.stdout.strip() == "[]"


def test_help_lists_the_commands(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for command in ("upload", "publish", "relay", "work", "predictions", "rejections", "queue", "doctor", "dlq"):
        assert command in out


def test_predictions_as_json(run: Run, filled: str) -> None:
    code, out, _ = run("predictions", "--json")
    completed, failed, waiting = json.loads(out)["predictions"]
    assert code == 0
    assert completed["prediction_id"] == filled
    assert (completed["state"], completed["attempts"], completed["summary"]["customers"]) == ("COMPLETED", 1, 12)
    assert (failed["state"], failed["failure_code"]) == ("FAILED", "unusable-file")
    assert (waiting["state"], waiting["published_at"], waiting["summary"]) == ("QUEUED", None, None)
    assert completed["created_at"] == "2026-03-01T12:00:00+00:00"


@pytest.mark.usefixtures("filled")
def test_predictions_in_words(run: Run) -> None:
    _, out, _ = run("predictions")
    assert "12 customers, 3 at risk, mean P(alive) 0.750" in out
    assert "unusable-file: [red]line 2[/red]" in out  # other people's text is not read as markup
    assert "waits to be published" in out
    _, out, _ = run("predictions", "--state", "FAILED", "--user", "user_abc")
    assert "COMPLETED" not in out
    _, out, _ = run("predictions", "--user", "user_nobody")
    assert out.strip() == "no predictions"


@pytest.mark.usefixtures("filled")
def test_rejections(run: Run) -> None:
    _, out, _ = run("rejections", "--json")
    (only,) = json.loads(out)["rejections"]
    assert (only["message_id"], only["code"], only["receives"], only["prediction_id"]) == (
        "poison",
        "not-json",
        3,
        None,
    )
    _, out, _ = run("rejections")
    assert "the body is not JSON" in out


def test_publish_while_disabled_keeps_everything_and_is_no_failure(
    run: Run, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del filled
    monkeypatch.setenv("ENABLE_SQS", "false")
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", QUEUE_URL)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    code, out, err = run("publish", "--json")
    answer = json.loads(out)
    assert (code, answer["published"], answer["waiting"]) == (0, 0, 1)
    assert answer["results"][0]["code"] == "disabled"
    assert json.loads(err.splitlines()[-1])["event"] == "publisher.kept"
    code, out, _ = run("publish")
    assert "Predictions are paused" in out
    assert "0 published, 1 waiting" in out


def test_publish_one(run: Run, filled: str) -> None:
    code, out, _ = run("publish", "--prediction", filled, "--json")
    assert (code, json.loads(out)["results"][0]["code"]) == (0, "already-published")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["publish", "--prediction", "x"], "--prediction 'x' is not a UUID"),
        (["publish", "--prediction", "6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11"], "there is no such prediction"),
        (["work"], "AWS_REGION is not set"),
        (["queue"], "AWS_REGION is not set"),
        (["upload", "nowhere.csv", "--user", "abc"], "--user 'abc': a user id is user_ followed by"),
        (["upload", "nowhere.csv", "--user", "user_abc"], "AWS_REGION is not set"),
    ],
)
def test_a_mistake_is_told_in_one_line(run: Run, arguments: list[str], told: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    (error,) = [line for line in err.splitlines() if not line.startswith("{")]
    assert error.startswith("error: ")
    assert told in error


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda _file: None, "cannot be read: No such file or directory"),
        (lambda file: file.mkdir(), "cannot be read: Is a directory"),
        (lambda file: file.write_bytes(b"x" * 101), "has more than the 100 bytes that UPLOAD_MAX_BYTES allows"),
    ],
)
def test_a_file_that_cannot_be_uploaded_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object], told: str
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("UPLOADS_BUCKET", "retainwise-uploads")
    monkeypatch.setenv("UPLOAD_MAX_BYTES", "100")
    file = tmp_path / "customers.csv"
    make(file)
    code, _, err = run("upload", str(file), "--user", "user_abc")
    assert code == 2
    assert told in err
    _, out, _ = run("predictions", "--json")
    assert json.loads(out) == {"predictions": []}


def test_wrong_settings_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_CONCURRENCY", "0")
    code, _, err = run("predictions")
    assert code == 2
    assert err.startswith("error: WORKER_CONCURRENCY is '0'")


def test_a_database_that_cannot_be_opened_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "store.sqlite3"
    file.write_bytes(b"no database" * 1000)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    code, _, err = run("predictions")
    assert code == 1
    assert "cannot be opened" in err


def test_a_database_that_fails_later_is_told(run: Run, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(database).dispose()
    monkeypatch.setattr(PredictionStore, "find", _disk_full)
    code, _, err = run("predictions")
    assert code == 1
    assert err == "error: the database does not do its part: disk full\n"


def _disk_full(*_arguments: object, **_named: object) -> None:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - only where it is raised

    raise OperationalError("SELECT", {}, Exception("disk full"))


@pytest.mark.usefixtures("filled")
def test_relay_while_disabled_keeps_everything_and_is_no_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENABLE_SQS", "false")
    code, out, _ = run("relay", "--once", "--json")
    answer = json.loads(out)
    assert (code, answer["stopped_by"], answer["published"], answer["waiting"]) == (0, "done", 0, 1)
    _, out, _ = run("relay", "--once")
    assert "0 published, 1 waiting" in out
    assert "stopped by done" in out


@pytest.mark.usefixtures("filled")
def test_relay_tells_what_it_could_not_send(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", QUEUE_URL)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr(SQSClient, "get_client", _unreachable)
    code, out, _ = run("relay", "--once", "--json")
    answer = json.loads(out)
    assert (code, answer["stopped_by"], answer["codes"]) == (1, "kept", {"unavailable": 1})
    assert answer["waiting"] == 1


@pytest.mark.usefixtures("filled")
def test_relay_tells_what_it_did_though_the_store_is_gone_in_the_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENABLE_SQS", "false")
    monkeypatch.setattr(Outbox, "backlog", _disk_full)
    code, out, _ = run("relay", "--once", "--json")
    assert (code, json.loads(out)["stopped_by"], json.loads(out)["waiting"]) == (0, "done", None)
    assert "0 published, in " in run("relay", "--once")[1]


def _unreachable(_client: SQSClient) -> NoReturn:
    raise EndpointConnectionError(endpoint_url="https://sqs")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("command", [("publish",), ("relay", "--once")])
def test_the_metrics_are_in_the_log_and_not_in_the_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ENABLE_SQS", "false")
    monkeypatch.setenv("PREDICTIONS_QUEUE_URL", QUEUE_URL)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("METRICS", "emf")
    code, out, err = run(*command, "--json")
    assert code == 0
    assert json.loads(out)["waiting"] == 1
    seen = {each.name: each for line in err.splitlines() if '"_aws"' in line for each in read(line)}
    assert seen["retainwise.outbox.waiting"].values == [1]
    assert seen["retainwise.outbox.oldest"].unit == "Seconds"
    assert seen["retainwise.kill_switch.on"].values == [0]
    assert seen["retainwise.kill_switch.on"].dimensions["messaging.destination.name"] == "predictions"
    monkeypatch.setenv("METRICS", "none")
    assert '"_aws"' not in run(*command, "--json")[2]


def test_a_wrong_setting_of_the_metrics_is_told_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS", "statsd")
    code, _, err = run("relay", "--once")
    assert code == 2
    assert err.startswith("error: METRICS is 'statsd'")
    assert "prometheus" in err
    assert len(err.splitlines()) == 1
