import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from structlog.testing import LogCapture

from app.worker import ScaleInProtection, ecs_agent
from tests.app.doubles.clock import FakeClock


class Agent:
    """What ECS knows of the task, and when protection would run out by itself."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: list[bool] = []
        self.until = 0.0
        self.faults: list[Exception] = []

        self.answers = True

    def protect(self, *, enabled: bool) -> None:
        self.asked.append(enabled)
        if self.faults:
            raise self.faults.pop(0)
        self.until = self.clock.monotonic() + 15 * 60 if enabled else 0.0
        if not self.answers:
            raise TimeoutError("timed out")

    @property
    def protects(self) -> bool:
        return self.clock.monotonic() < self.until


class Task:
    """A task whose work a test begins and ends."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.agent = Agent(clock)
        self.busy = False
        self.protection = ScaleInProtection(self.agent.protect, lambda: self.busy, clock)

    def pass_time(self, seconds: float) -> None:
        ends = self.clock.monotonic() + seconds
        while self.clock.monotonic() < ends:
            self.clock.advance(self.protection.tick())


@pytest.fixture
def task(fake_clock: FakeClock) -> Task:
    return Task(fake_clock)


def test_an_idle_task_is_not_protected_and_asks_nothing(task: Task) -> None:
    task.pass_time(1000)
    assert task.agent.asked == []


def test_a_busy_task_is_protected_for_as_long_as_it_is_busy(task: Task) -> None:
    task.busy = True
    for _ in range(10_000):
        task.pass_time(1)
        assert task.agent.protects
    assert len(task.agent.asked) < 40


def test_it_is_released_soon_after_the_work_but_not_between_two_messages(task: Task) -> None:
    task.busy = True
    task.pass_time(5)
    for _ in range(20):
        task.busy = not task.busy
        task.pass_time(5)
        assert task.agent.protects
    task.busy = False
    task.pass_time(15)
    assert not task.agent.protects
    assert task.agent.asked == [True, False]


def test_a_failure_stops_nothing_and_is_tried_again_after_a_while(task: Task, app_logs: LogCapture) -> None:
    task.agent.faults = [OSError("no way there"), ValueError("the agent says no")] * 2
    task.busy = True
    task.pass_time(50)
    assert not task.agent.protects
    assert len(task.agent.asked) == 4
    task.pass_time(20)
    assert task.agent.protects
    assert [entry["event"] for entry in app_logs.entries] == ["protection.failed"] * 4 + ["protection.changed"]


def test_what_took_effect_though_nobody_said_so_is_released_too(task: Task) -> None:
    task.agent.answers = False
    task.busy = True
    task.pass_time(1)
    task.busy = False
    task.agent.answers = True
    task.pass_time(20)
    assert not task.agent.protects
    asked = list(task.agent.asked)
    task.pass_time(1000)
    assert task.agent.asked == asked


def test_the_end_releases_what_may_have_taken_effect(task: Task) -> None:
    task.agent.answers = False
    task.busy = True
    task.pass_time(1)
    task.protection.release()
    assert not task.agent.protects


def test_an_agent_that_never_answers_is_asked_no_longer_than_protection_may_last(task: Task) -> None:
    task.agent.answers = False
    task.busy = True
    task.pass_time(1)
    task.busy = False
    task.pass_time(1000)
    asked = len(task.agent.asked)
    assert task.agent.asked == [True] + [False] * (asked - 1)
    task.pass_time(1000)
    assert len(task.agent.asked) == asked
    task.protection.release()
    assert len(task.agent.asked) == asked


def test_the_end_releases_what_is_protected_only(task: Task) -> None:
    task.protection.release()
    assert task.agent.asked == []
    task.busy = True
    task.pass_time(1)
    task.protection.release()
    assert task.agent.asked == [True, False]


class _EcsAgent(BaseHTTPRequestHandler):
    """The endpoint as the ECS developer guide has it."""

    told: list[tuple[str, object]]
    answer: bytes

    def do_PUT(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.append((self.path, request))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        del format, args


@pytest.fixture
def agent_uri() -> Iterator[str]:
    _EcsAgent.told = []
    _EcsAgent.answer = b'{"protection": {"ProtectionEnabled": true}}'
    with HTTPServer(("127.0.0.1", 0), _EcsAgent) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/task-1"
        server.shutdown()
        thread.join()


def test_asks_the_agent_as_ecs_documents_it(agent_uri: str) -> None:
    protect = ecs_agent(agent_uri)
    protect(enabled=True)
    protect(enabled=False)
    assert _EcsAgent.told == [
        ("/api/task-1/task-protection/v1/state", {"ProtectionEnabled": True, "ExpiresInMinutes": 15}),
        ("/api/task-1/task-protection/v1/state", {"ProtectionEnabled": False}),
    ]


def test_no_proxy_comes_between_them(agent_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "_opener", None)  # it reads the environment once
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    ecs_agent(agent_uri)(enabled=True)
    assert len(_EcsAgent.told) == 1


@pytest.mark.parametrize(
    "answer", [b'{"failure": {"Reason": "TASK_NOT_VALID"}}', b'{"error": {"Code": "ThrottlingException"}}', b"torn {"]
)
def test_a_refusal_inside_a_valid_answer_is_a_failure(agent_uri: str, answer: bytes) -> None:
    _EcsAgent.answer = answer
    with pytest.raises(ValueError, match=r"the agent says|Expecting"):
        ecs_agent(agent_uri)(enabled=True)


def test_an_agent_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(OSError, match="refused"):
        ecs_agent("http://127.0.0.1:1")(enabled=True)
