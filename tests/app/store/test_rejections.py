import threading

from tests.app.doubles.scene import Scene, in_thread


def record(scene: Scene, message_id: str, receives: int = 1, code: str = "not-json") -> None:
    scene.rejections.record(
        message_id=message_id, code=code, reason="the body is not JSON", prediction_id=None, receives=receives
    )


def test_a_message_that_comes_again_is_counted_not_listed_twice(scene: Scene) -> None:
    began = scene.clock.now()
    for receives in (1, 2, 3):
        record(scene, "m", receives)
        scene.clock.advance(5)
    (only,) = scene.rejections.newest()
    assert (only.message_id, only.code, only.receives, only.first_at) == ("m", "not-json", 3, began)
    assert (only.last_at - only.first_at).total_seconds() == 10


def test_the_newest_come_first(scene: Scene) -> None:
    for message_id in ("a", "b", "c"):
        record(scene, message_id)
        scene.clock.advance(1)
    record(scene, "a", 2)
    assert [each.message_id for each in scene.rejections.newest(2)] == ["a", "c"]


def test_hostile_text_is_bounded(scene: Scene) -> None:
    scene.rejections.record(
        message_id="m\n" * 500, code="c" * 500, reason="\x1b[2J" + "r" * 5000, prediction_id=None, receives=1
    )
    (only,) = scene.rejections.newest()
    assert len(only.reason) < 600
    assert "\x1b" not in only.reason
    assert len(only.code) <= 40


def test_two_that_record_one_message_at_once_make_one_record(scene: Scene) -> None:
    together = threading.Barrier(4)
    errors: list[Exception] = []

    def work() -> None:
        together.wait()
        try:
            record(scene, "m")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            errors.append(error)

    for thread in [in_thread(work) for _ in range(4)]:
        thread.join(30)
    assert errors == []
    assert len(scene.rejections.newest()) == 1
