import pytest

from local.stages import Stages


def test_each_stage_is_announced_when_it_begins_and_timed_when_it_ends() -> None:
    told: list[str] = []
    clock = iter([10.0, 12.5, 20.0, 21.0])
    stages = Stages(told.append, now=lambda: next(clock))
    with stages.stage("deploy"):
        assert told == ["▸ deploy"]
        assert stages.seconds == {}
    with stages.stage("publish"):
        pass
    assert told == ["▸ deploy", "▸ publish"]
    assert list(stages.seconds.items()) == [("deploy", 2.5), ("publish", 1.0)]


def test_a_stage_that_fails_is_not_counted_as_done() -> None:
    stages = Stages(lambda _: None)

    def fail() -> None:
        with stages.stage("deploy"):
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert stages.seconds == {}
