"""`dlq …` under the operator's role, against a server that enforces its permissions and moves messages as SQS does."""

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.errors import OperationFailedError, UserMistakeError
from app.store import State
from local.emulator.clients import Clients
from local.emulator.process import Emulator
from tests.app.emulator.job_stack import PROJECT, Answer, JobStack, log_of
from tests.app.emulator.test_jobs import message_of, outcomes_of, upload

pytestmark = pytest.mark.emulator

BROKEN = "ID,frequency,recency,T\n1,2,3\n"
MENDED = "ID,frequency,recency,T\n" + "".join(f"{n},{n % 5},{n % 5 * 3},{40 + n % 7}\n" for n in range(60))


@pytest.fixture
def broken_file(tmp_path: Path) -> Path:
    file = tmp_path / "customers.csv"
    file.write_text(BROKEN)
    return file


@dataclass(frozen=True)
class Kept:
    """A stack with two dead letters: one of a prediction whose file is unusable, one that is no message."""

    stack: JobStack
    prediction_id: UUID

    @classmethod
    def on(cls, stack: JobStack, file: Path) -> "Kept":
        prediction = upload(stack, file, "user_abc")
        stack.answer(stack.backend, "publish")
        stack.send("this is no message\x7f<script>")
        stack.drain()
        assert stack.dead_letters() == 2
        return cls(stack, prediction.prediction_id)


@pytest.fixture(scope="module")
def kept(emulator: Emulator, account_root: Clients, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One such stack for all tests that only look; it takes seconds to make."""
    folder = tmp_path_factory.mktemp("kept")
    file = folder / "customers.csv"
    file.write_text(BROKEN)
    stack = JobStack(emulator, account_root, f"retainwise-local-{uuid4().hex[:12]}", folder)
    with stack.cleanup:
        yield Kept.on(stack, file)


@pytest.fixture(autouse=True)
def untouched(request: pytest.FixtureRequest) -> Iterator[None]:
    """What only looks leaves everything visible to everybody."""
    yield
    if "kept" in request.fixturenames:
        stack: JobStack = request.getfixturevalue("kept").stack
        assert stack.dead_letters() == 2


@pytest.fixture
def dead(job_stack: JobStack, broken_file: Path) -> UUID:
    """Two such dead letters for a test's own; the prediction's id."""
    return Kept.on(job_stack, broken_file).prediction_id


def letters(answer: Answer) -> list[Answer]:
    found = answer["letters"]
    assert isinstance(found, list)
    return found


def mend(stack: JobStack, prediction_id: UUID) -> None:
    """Put a good file in the place of the unusable one."""
    path = stack.prediction(prediction_id).s3_file_path.removeprefix("s3://")
    bucket, _, key = path.partition("/")
    stack.root.s3.put_object(Bucket=bucket, Key=key, Body=MENDED.encode())


def test_a_list_tells_reasons_and_leaves_everything_where_it_is(kept: Kept) -> None:
    answer = kept.stack.answer(kept.stack.operator, "dlq", "list")
    by_code = {letter["code"]: letter for letter in letters(answer)}
    assert set(by_code) == {"unusable-file", "not-json"}
    failed = by_code["unusable-file"]
    assert (failed["prediction_id"], failed["prediction_state"]) == (str(kept.prediction_id), "FAILED")
    assert failed["reason"] == "line 2 has 3 fields instead of 4"
    assert by_code["not-json"]["prediction_id"] is None
    assert (answer["looked_at"], answer["complete"], answer["not_given_back"]) == (2, True, 0)
    assert (answer["visible"], answer["in_flight"]) == (2, 0)
    assert "user_abc" not in json.dumps(answer)


def test_in_words_nothing_of_a_body_is_shown_unless_asked_for(kept: Kept) -> None:
    told = kept.stack.run(kept.stack.operator, "dlq", "list")
    assert told.returncode == 0, told.stderr
    assert str(kept.prediction_id) in told.stdout
    assert "script" not in told.stdout
    assert "user_abc" not in told.stdout + told.stderr
    asked = kept.stack.run(kept.stack.operator, "dlq", "list", "--body")
    assert "this is no message\\x7f<script>" in asked.stdout
    assert "user_abc" in asked.stdout


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--reason", "not-json"], {"not-json"}),
        (["--user", "user_abc"], {"unusable-file"}),
        (["--user", "user_other"], set()),
        (["--older-than", "1h"], set()),
        (["--newer-than", "1h"], {"not-json", "unusable-file"}),
    ],
)
def test_a_list_may_be_of_chosen_ones(kept: Kept, arguments: list[str], found: set[str]) -> None:
    answer = kept.stack.answer(kept.stack.operator, "dlq", "list", *arguments)
    assert {str(letter["code"]) for letter in letters(answer)} == found
    assert answer["looked_at"] == 2


def test_one_is_shown_by_its_own_id_and_by_its_predictions(kept: Kept) -> None:
    stack, dead = kept.stack, str(kept.prediction_id)
    (by_prediction,) = letters(stack.answer(stack.operator, "dlq", "show", dead, "--body"))
    assert json.loads(str(by_prediction["body"]))["prediction_id"] == dead
    message_id = str(by_prediction["message_id"])
    (by_message,) = letters(stack.answer(stack.operator, "dlq", "show", message_id.upper()))
    assert by_message["message_id"] == message_id
    assert "body" not in by_message
    missing = stack.run(stack.operator, "dlq", "show", "6f6f9a0e-6a53-4a39-9a0c-0e3f6c6f9b11")
    assert missing.returncode == 1
    assert "no dead letter has the id" in missing.stderr
    assert "looked at 2, all that is visible" in missing.stderr


def test_all_are_redriven_by_sqs_and_complete_once_the_cause_is_mended(job_stack: JobStack, dead: UUID) -> None:
    dry = job_stack.answer(job_stack.operator, "dlq", "redrive", "--dry-run")
    assert (dry["dry_run"], dry["visible"], dry["task"]) == (True, 2, None)
    assert job_stack.answer(job_stack.operator, "dlq", "tasks") == {"tasks": []}
    mend(job_stack, dead)
    moved = job_stack.answer(job_stack.operator, "dlq", "redrive", "--rate", "100")
    task = moved["task"]
    assert isinstance(task, dict)
    assert (task["status"], task["moved"], task["rate"]) == ("COMPLETED", 2, 100)
    assert job_stack.dead_letters() == 0
    assert outcomes_of(job_stack.drain()) == {"completed": 1, "rejected": 3}
    done = job_stack.prediction(dead)
    assert (done.state, done.attempt, done.failure_code) == (State.COMPLETED, 2, None)
    assert job_stack.dead_letters() == 1


def test_chosen_ones_are_sent_back_with_all_they_were_sent_with(job_stack: JobStack, broken_file: Path) -> None:
    prediction = upload(job_stack, broken_file, "user_abc")
    attributes = {"traceparent": {"DataType": "String", "StringValue": "00-1-2-01"}}
    Clients(job_stack.backend).sqs.send_message(
        QueueUrl=job_stack.queue_url,
        MessageBody=message_of(prediction),
        MessageAttributes=attributes,  # type: ignore[arg-type]  # a plain dictionary
        MessageGroupId="user_abc",
    )
    job_stack.send("this is no message")
    job_stack.drain()
    mend(job_stack, prediction.prediction_id)
    chosen = ("dlq", "redrive", "--reason", "unusable-file")
    dry = job_stack.answer(job_stack.operator, *chosen, "--dry-run")
    assert (dry["matched"], dry["sent"], job_stack.dead_letters()) == (1, 0, 2)
    sent = job_stack.answer(job_stack.operator, *chosen)
    assert (sent["matched"], sent["sent"], sent["deleted"], sent["stopped_by"]) == (1, 1, 1, "done")
    (message,) = Clients(job_stack.worker).sqs.receive_message(
        QueueUrl=job_stack.queue_url,
        VisibilityTimeout=0,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )["Messages"]
    assert message["MessageAttributes"]["traceparent"].get("StringValue") == "00-1-2-01"
    assert message["Attributes"].get("MessageGroupId") == "user_abc"
    assert outcomes_of(job_stack.drain()) == {"completed": 1}
    assert job_stack.prediction(prediction.prediction_id).state is State.COMPLETED
    (left,) = letters(job_stack.answer(job_stack.operator, "dlq", "list"))
    assert left["code"] == "not-json"


def test_an_export_holds_everything_and_takes_nothing(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "letters.jsonl"
    answer = kept.stack.answer(kept.stack.operator, "dlq", "export", str(file))
    assert (answer["exported"], answer["complete"]) == (2, True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["code"] for line in lines} == {"not-json", "unusable-file"}
    assert "this is no message\x7f<script>" in {line["body"] for line in lines}
    with pytest.raises(UserMistakeError, match="exists already"):
        kept.stack.answer(kept.stack.operator, "dlq", "export", str(file))


HOSTILE = [
    "[" * 50_000,
    "x" * (1024 * 1024),
    '{"prediction_id": "\\ud800", "user_id": "\\u202euser_abc"}',
    "\u202e\u2066 right to left",
    "[red]markup[/red]",
    "9" * 20_000,
    "\r\n\t",
]


@pytest.fixture
def hostile(job_stack: JobStack) -> JobStack:
    """As many dead letters as there are hostile bodies, put there past the queue."""
    guarded = job_stack.root.sqs.get_queue_attributes(QueueUrl=job_stack.dlq_url, AttributeNames=["Policy"])
    job_stack.root.sqs.set_queue_attributes(QueueUrl=job_stack.dlq_url, Attributes={"Policy": ""})
    for body in HOSTILE:
        job_stack.root.sqs.send_message(
            QueueUrl=job_stack.dlq_url,
            MessageBody=body,
            MessageAttributes={"blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
        )
    job_stack.root.sqs.set_queue_attributes(QueueUrl=job_stack.dlq_url, Attributes=guarded["Attributes"])
    return job_stack


def test_no_body_breaks_anything(hostile: JobStack, tmp_path: Path) -> None:
    shown = hostile.run(hostile.operator, "dlq", "list", "--body")
    assert shown.returncode == 0, shown.stderr
    assert "[red]markup[/red]" in shown.stdout
    assert "\u202e" not in shown.stdout
    assert len(shown.stdout) < 30_000
    listed = letters(hostile.answer(hostile.operator, "dlq", "list", "--body"))
    assert sorted(str(letter["body"]) for letter in listed) == sorted(HOSTILE)
    for letter in listed[:2]:
        (one,) = letters(hostile.answer(hostile.operator, "dlq", "show", str(letter["message_id"]), "--body"))
        assert one["attributes"] == {"blob": {"type": "Binary", "base64": "AP8="}}
    file = tmp_path / "letters.jsonl"
    assert hostile.answer(hostile.operator, "dlq", "export", str(file))["exported"] == len(HOSTILE)
    assert sorted(json.loads(line)["body"] for line in file.read_text().splitlines()) == sorted(HOSTILE)
    assert hostile.dead_letters() == len(HOSTILE)


def test_letters_without_a_source_fail_sqss_move_and_are_sent_back_one_by_one(hostile: JobStack) -> None:
    moved = hostile.run(hostile.operator, "dlq", "redrive")
    assert moved.returncode == 1
    assert "CouldNotDetermineMessageSource: a letter was sent here directly" in moved.stdout
    assert hostile.dead_letters() == len(HOSTILE)
    sent = hostile.answer(hostile.operator, "dlq", "redrive", "--one-by-one")
    assert (sent["sent"], sent["deleted"]) == (len(HOSTILE), len(HOSTILE))
    assert hostile.answer(hostile.operator, "queue")["visible"] == len(HOSTILE)


MANY = 20
"""So many that a move of one a second is still under way when a test comes to it."""


@pytest.fixture
def many(job_stack: JobStack) -> JobStack:
    """Many dead letters that no worker takes."""
    backend = Clients(job_stack.backend).sqs
    for _ in range(MANY):
        backend.send_message(QueueUrl=job_stack.queue_url, MessageBody="this is no message")
    job_stack.drain()
    assert job_stack.dead_letters() == MANY
    return job_stack


def test_a_detached_move_is_looked_at_and_cancelled(many: JobStack) -> None:
    started = many.answer(many.operator, "dlq", "redrive", "--rate", "1", "--detach")["task"]
    assert isinstance(started, dict)
    assert (started["status"], started["to_move"]) == ("RUNNING", MANY)
    with pytest.raises(OperationFailedError, match="`dlq cancel` stops it"):
        many.answer(many.operator, "dlq", "redrive")
    (running,) = tasks(many.answer(many.operator, "dlq", "tasks"))
    assert (running["status"], running["rate"], running["handle"]) == ("RUNNING", 1, started["handle"])
    assert tasks(many.answer(many.operator, "dlq", "cancel", "--dry-run"))[0]["status"] == "RUNNING"
    assert tasks(many.answer(many.operator, "dlq", "cancel"))[0]["status"] in {"CANCELLING", "CANCELLED"}
    with pytest.raises(OperationFailedError, match="no move task is running"):
        many.answer(many.operator, "dlq", "cancel")


def tasks(answer: Answer) -> list[Answer]:
    found = answer["tasks"]
    assert isinstance(found, list)
    return found


def interrupted(stack: JobStack, until: str, *arguments: str) -> tuple[int, Answer]:
    """Run a command, send it a Ctrl-C at a line of its log, and give its exit code and its answer."""
    running = subprocess.Popen(
        [sys.executable, "-m", "app", "dlq", *arguments, "--json"],
        cwd=PROJECT,
        env=stack.operator,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stderr is not None
        while until not in (line := running.stderr.readline()):
            assert line, "it ended before it began"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    finally:
        running.kill()
    assert "Traceback" not in err
    found: Answer = json.loads(out)
    return running.returncode, found


def test_ctrl_c_cancels_the_move_that_is_waited_for(many: JobStack) -> None:
    code, answer = interrupted(many, "dlq.moving", "redrive", "--rate", "1")
    task = answer["task"]
    assert isinstance(task, dict)
    assert (code, task["status"]) == (1, "CANCELLED")
    assert many.dead_letters() == MANY - int(task["moved"])


def test_ctrl_c_ends_sending_one_by_one_and_gives_the_rest_back(hostile: JobStack) -> None:
    code, answer = interrupted(hostile, "dlq.sent_back", "redrive", "--one-by-one", "--rate", "1")
    assert (code, answer["stopped_by"], answer["not_given_back"]) == (1, "signal", 0)
    sent = answer["sent"]
    assert isinstance(sent, int)
    assert 1 <= sent < len(HOSTILE)
    assert hostile.dead_letters() == len(HOSTILE) - sent
    assert hostile.answer(hostile.operator, "queue")["visible"] == sent


@pytest.mark.usefixtures("dead")
def test_from_outside_the_vpc_an_operator_can_have_sqs_move_and_no_more(job_stack: JobStack) -> None:
    outside = job_stack.operator | {"AWS_ENDPOINT_URL": job_stack.root.endpoint_url}
    for arguments in (["list"], ["redrive", "--one-by-one"]):
        with pytest.raises(OperationFailedError, match="reading the dead-letter queue failed: AccessDenied"):
            job_stack.answer(outside, "dlq", *arguments)
    task = job_stack.answer(outside, "dlq", "redrive")["task"]
    assert isinstance(task, dict)
    assert (task["status"], task["moved"]) == ("COMPLETED", 2)


def test_whoever_is_no_operator_is_told_whose_role_it_takes(kept: Kept) -> None:
    for environment in (kept.stack.worker, kept.stack.backend):
        with pytest.raises(OperationFailedError, match="this takes the operator's role, through the VPC endpoint"):
            kept.stack.answer(environment, "dlq", "list")


def test_without_its_store_the_queue_can_still_be_looked_at(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "broken.sqlite3"
    file.write_bytes(b"no database" * 1000)
    storeless = kept.stack.operator | {"DATABASE_URL": f"sqlite:///{file}"}
    listed = kept.stack.run(storeless, "dlq", "list", "--json")
    answer = json.loads(listed.stdout)
    assert (listed.returncode, answer["records"], len(answer["letters"])) == (0, False, 2)
    assert {letter["code"] for letter in answer["letters"]} == {None}
    assert "dlq.no_records" in {line["event"] for line in log_of(listed)}
    with pytest.raises(OperationFailedError, match="--reason cannot be judged"):
        kept.stack.answer(storeless, "dlq", "redrive", "--reason", "not-json")


def test_a_queue_without_dead_letters_queue_is_told(job_stack: JobStack) -> None:
    job_stack.root.sqs.set_queue_attributes(QueueUrl=job_stack.queue_url, Attributes={"RedrivePolicy": ""})
    with pytest.raises(OperationFailedError, match="has no dead-letter queue"):
        job_stack.answer(job_stack.operator, "dlq", "list")
