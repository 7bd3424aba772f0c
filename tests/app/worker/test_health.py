import json
import signal
from urllib.error import HTTPError
from urllib.request import urlopen

from app.worker import Health, WorkerOptions, health_port
from tests.app.doubles.clock import FakeClock
from tests.app.doubles.scene import Scene
from tests.app.doubles.sqs import aws_error


def asked(port: int, path: str) -> tuple[int, object]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read()) if error.code == 503 else None


def test_is_alive_as_long_as_the_loop_goes_round_and_while_it_stops(fake_clock: FakeClock) -> None:
    health = Health(fake_clock)
    fake_clock.advance(170)
    assert health.is_live
    health.turned()
    fake_clock.advance(170)
    assert health.is_live
    fake_clock.advance(20)
    assert not health.is_live
    health.stopping()
    assert health.is_live


def test_is_ready_once_a_poll_was_answered_until_one_is_not_or_it_stops(fake_clock: FakeClock) -> None:
    health = Health(fake_clock)
    assert not health.is_ready
    health.received(well=True)
    assert health.is_ready
    health.received(well=False)
    assert not health.is_ready
    health.received(well=True)
    health.stopping()
    assert not health.is_ready


def test_the_port_answers_both_questions_and_no_other(fake_clock: FakeClock) -> None:
    health = Health(fake_clock)
    with health_port(health, 0) as port:
        assert asked(port, "/live") == (200, {"live": True})
        assert asked(port, "/ready") == (503, {"ready": False})
        health.received(well=True)
        assert asked(port, "/ready") == (200, {"ready": True})
        fake_clock.advance(1000)
        assert asked(port, "/live") == (503, {"live": False})
        assert asked(port, "/secrets") == (404, None)


def test_the_worker_tells_how_it_is(scene: Scene) -> None:
    health = Health(scene.clock)
    seen: list[bool] = []

    def look() -> None:
        seen.append(health.is_ready)
        if len(seen) == 3:
            scene.sqs.faults["ReceiveMessage"] = [aws_error("InternalError", status=500)]
        if len(seen) == 5:
            scene.shutdown.request(signal.SIGTERM)

    scene.sqs.before_receive = look
    worker = scene.worker(WorkerOptions())
    worker._health = health
    worker.run()
    assert seen == [False, True, True, False, True]
    assert health.is_live
    assert not health.is_ready
