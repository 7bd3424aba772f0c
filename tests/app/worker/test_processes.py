import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from app.models import StoppedError, UnusableFileError
from app.worker.model_process import ModelDiedError, ModelError
from app.worker.processes import ProcessLimits, ProcessPredictor
from tests.app.doubles.models import Obedient
from tests.app.doubles.scene import in_thread


def never() -> bool:
    return False


def after(looks: int) -> Callable[[], bool]:
    """Says that the result is not wanted any more, from so many looks on."""
    left = iter(range(looks))
    return lambda: next(left, None) is None


@pytest.fixture(scope="module")
def predictor() -> Iterator[ProcessPredictor]:
    """One process, good for all: each takes a second to start."""
    with ProcessPredictor(Obedient(), 1, ProcessLimits(1000, 10_000)) as made:
        yield made


def process_of(predictor: ProcessPredictor, content: bytes = b"fine") -> int:
    return int(predictor.predict(content, never).csv)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_scores_in_another_process_that_is_used_again(predictor: ProcessPredictor) -> None:
    scores = predictor.predict(b"a file", never)
    assert scores.summary == {"bytes": 6}
    assert int(scores.csv) != os.getpid()
    assert process_of(predictor) == int(scores.csv)


def test_a_large_file_goes_through(predictor: ProcessPredictor) -> None:
    assert predictor.predict(b"x" * 10_000_000, never).summary == {"bytes": 10_000_000}


def test_the_models_own_errors_come_back_and_cost_no_process(predictor: ProcessPredictor) -> None:
    before = process_of(predictor)
    with pytest.raises(UnusableFileError, match="line 2 is no line"):
        predictor.predict(b"unusable", never)
    with pytest.raises(ModelError, match=r"^ZeroDivisionError$"):  # and not what it says: somebody's data
        predictor.predict(b"crash", never)
    assert process_of(predictor) == before


def test_a_process_that_somebody_else_has_buried_costs_no_slot(predictor: ProcessPredictor) -> None:
    """As the look for orphans may, if it comes between the process's end and the wait for it."""
    before = process_of(predictor)

    def bury() -> bool:
        os.kill(before, signal.SIGKILL)
        os.waitpid(before, 0)
        return True

    with pytest.raises(StoppedError):
        predictor.predict(b"hang", bury)
    after_that: list[int] = []
    in_thread(lambda: after_that.append(process_of(predictor))).join(30)
    assert len(after_that) == 1


def test_a_process_that_does_not_even_take_its_file_is_ended_too(predictor: ProcessPredictor) -> None:
    before = process_of(predictor)
    os.kill(before, signal.SIGSTOP)
    told: list[type[BaseException] | None] = []

    def predict() -> None:
        with pytest.raises(StoppedError) as caught:
            predictor.predict(b"x" * 10_000_000, after(1))
        told.append(caught.type)

    in_thread(predict).join(20)
    if not told:
        os.kill(before, signal.SIGKILL)
    assert told == [StoppedError]
    assert process_of(predictor) != before


@pytest.mark.parametrize("content", [b"hang", b"compute"])
def test_what_is_not_wanted_any_more_is_really_ended(predictor: ProcessPredictor, content: bytes) -> None:
    before = process_of(predictor)
    with pytest.raises(StoppedError):
        predictor.predict(content, after(1))
    assert not is_running(before)
    assert process_of(predictor) != before


def test_a_process_that_dies_is_replaced(predictor: ProcessPredictor) -> None:
    before = process_of(predictor)
    with pytest.raises(ModelDiedError, match="-9"):
        predictor.predict(b"die", never)
    assert process_of(predictor) != before


def test_a_process_that_died_between_two_files_is_replaced(predictor: ProcessPredictor) -> None:
    before = process_of(predictor)
    os.kill(before, signal.SIGKILL)
    with pytest.raises(ModelDiedError):
        predictor.predict(b"fine", never)
    assert process_of(predictor) != before


def test_a_process_is_replaced_after_so_many_files_or_when_it_has_grown() -> None:
    with ProcessPredictor(Obedient(), 1, ProcessLimits(jobs=2, megabytes=10_000)) as predictor:
        first, again, second = (process_of(predictor) for _ in range(3))
        assert first == again != second
        assert not is_running(first)
    with ProcessPredictor(Obedient(), 1, ProcessLimits(jobs=1000, megabytes=200)) as predictor:
        assert process_of(predictor, b"leak") != process_of(predictor)


def test_as_many_work_at_once_as_are_allowed() -> None:
    with ProcessPredictor(Obedient(), 2, ProcessLimits(1000, 10_000)) as predictor:
        seen: list[int] = []
        together = threading.Barrier(2, timeout=30)

        def both_are_out() -> bool:
            together.wait()
            return True

        def run() -> None:
            with pytest.raises(StoppedError):
                predictor.predict(b"hang", both_are_out)
            seen.append(process_of(predictor))

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(seen) == 2


def test_no_process_outlives_the_context() -> None:
    with ProcessPredictor(Obedient(), 1, ProcessLimits(1000, 10_000)) as predictor:
        process = process_of(predictor)
        (running,) = predictor._running
    running.process.join(30)
    assert not is_running(process)


KILLED = """
import os, signal, threading
from app.worker.processes import ProcessLimits, ProcessPredictor
from tests.app.doubles.models import Obedient
from tests.app.doubles.scene import in_thread

if __name__ == "__main__":
    predictor = ProcessPredictor(Obedient(), 1, ProcessLimits(1000, 10_000))
    print(predictor.predict(b"fine", lambda: False).csv.decode(), flush=True)
    threading.Thread(target=predictor.predict, args=(b"compute", lambda: False), daemon=True).start()
    threading.Event().wait()
"""


def test_no_process_outlives_a_worker_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        process = int(worker.stdout.readline())
        worker.kill()
        assert worker.stdout.read() == ""  # closed by the last that held it
    assert not is_running(process) or zombie(process)


def zombie(process: int) -> bool:
    with open(f"/proc/{process}/stat", encoding="ascii") as file:  # noqa: PTH123 - it is no file of ours
        return file.read().rsplit(")", 1)[1].split()[0] == "Z"
