"""A process that answers each line of JSON with a line of JSON: an evaluator that is not ours, at arm's length."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

LINES_AT_ONCE = 50
"""Few enough that their answers fit into a pipe's buffer: neither side ever waits for the other to read."""
END_SECONDS = 10.0

Json = Mapping[str, object]


class BrokenProcessError(RuntimeError):
    """The process ended, or said something that is no answer. The message has its last words."""


class LineProcess:
    """Runs as long as the block.

    Args:
        command: The program with its arguments.
        folder: Where it runs.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._errors = TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            command, cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process, self._errors:  # closes the pipes, which ends it, and waits
            if self._process.stdin:
                self._process.stdin.close()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def ask(self, questions: Sequence[Json]) -> list[Json]:
        """Have all questions answered, in order.

        Raises:
            BrokenProcessError: When one is not.
        """
        answers: list[Json] = []
        for start in range(0, len(questions), LINES_AT_ONCE):
            answers.extend(self._ask(questions[start : start + LINES_AT_ONCE]))
        return answers

    def _ask(self, questions: Sequence[Json]) -> list[Json]:
        if self._process.stdin is None or self._process.stdout is None:
            raise BrokenProcessError("it was started without pipes")
        try:
            self._process.stdin.write("".join(f"{json.dumps(question)}\n" for question in questions))
            self._process.stdin.flush()
        except BrokenPipeError:
            raise BrokenProcessError(self._last_words()) from None
        return [self._answer(self._process.stdout.readline()) for _ in questions]

    def _answer(self, line: str) -> Json:
        try:
            answer = json.loads(line)
        except json.JSONDecodeError:
            raise BrokenProcessError(f"it answered {line!r}; {self._last_words()}") from None
        if not isinstance(answer, dict):
            raise BrokenProcessError(f"it answered {line!r}")
        return answer

    def _last_words(self) -> str:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        return f"its last words: {said or 'none'}"
