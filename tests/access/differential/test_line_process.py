import sys
from pathlib import Path

import pytest

from tests.access.differential.line_process import BrokenProcessError, LineProcess

DOUBLING = (
    "import sys, json\nfor line in sys.stdin:\n    print(json.dumps({'twice': 2 * json.loads(line)['n']}), flush=True)"
)
FAILING = "import sys\nsys.stdin.readline()\nsys.exit('it has had enough')"


def test_all_questions_are_answered_in_order(tmp_path: Path) -> None:
    with LineProcess([sys.executable, "-c", DOUBLING], tmp_path) as process:
        answers = process.ask([{"n": number} for number in range(333)])
        assert process.ask([]) == []
    assert answers == [{"twice": 2 * number} for number in range(333)]


def test_a_process_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    with (
        LineProcess([sys.executable, "-c", FAILING], tmp_path) as process,
        pytest.raises(BrokenProcessError, match="it has had enough"),
    ):
        process.ask([{"n": 1}])
