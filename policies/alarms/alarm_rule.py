"""The rule of a composite alarm, read as CloudWatch reads it (CloudWatch API reference, PutCompositeAlarm)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

AlarmName: TypeAlias = str
"""An alarm's name or its ARN, as a rule has it."""

InAlarm: TypeAlias = Callable[[AlarmName], bool]
"""Whether the alarm of a name in a rule is in the state ALARM."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^"'()]+))\s*\)
        | (?P<word>(?:AND|OR|NOT|TRUE|FALSE)\b|[()])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_DEEPEST = 100
"""How deeply it may be nested to be read; CloudWatch takes far less."""


class UnreadableRuleError(ValueError):
    """A rule is no expression of alarms' states."""


@dataclass(frozen=True)
class _Token:
    """A word or parenthesis of a rule, or a function with the alarm that it asks about."""

    word: str
    alarm: AlarmName = ""


def is_set_off_by(rule: str, alarms: InAlarm) -> bool:
    """Whether a rule holds once these alarms and no others are in the state ALARM, and not while all are OK.

    Args:
        rule: Such as `ALARM(late) OR NOT OK("failed")`.
        alarms: Tells whether a name in the rule is one of theirs.

    Raises:
        UnreadableRuleError: The rule cannot be read.
    """
    tokens = _tokens(rule)
    return _Reader(tokens, alarms).whole() and not _Reader(tokens, lambda _: False).whole()


def _tokens(rule: str) -> list[_Token]:
    tokens, at, end = [], 0, len(rule.rstrip())
    while at < end:
        found = _TOKEN.match(rule, at)
        if not found:
            raise UnreadableRuleError
        alarm = found["double"] or found["single"] or (found["bare"] or "").strip()
        word = found["state"] or found["word"]
        tokens.append(_Token(word.upper(), alarm))
        at = found.end()
    return tokens


class _Reader:
    """Reads a rule from the left: OR binds least, then AND, then NOT."""

    def __init__(self, tokens: Sequence[_Token], in_alarm: InAlarm) -> None:
        self._tokens, self._in_alarm, self._at, self._depth = tokens, in_alarm, 0, 0

    def whole(self) -> bool:
        """What all of it comes to."""
        holds = self._either()
        if self._at < len(self._tokens):
            raise UnreadableRuleError
        return holds

    def _either(self) -> bool:
        holds = self._both()
        while self._takes("OR"):
            holds = self._both() or holds
        return holds

    def _both(self) -> bool:
        holds = self._one()
        while self._takes("AND"):
            holds = self._one() and holds
        return holds

    def _one(self) -> bool:
        self._depth += 1
        if self._at >= len(self._tokens) or self._depth > _DEEPEST:
            raise UnreadableRuleError
        token = self._tokens[self._at]
        self._at += 1
        holds = self._value(token)
        self._depth -= 1
        return holds

    def _value(self, token: _Token) -> bool:
        match token.word:
            case "NOT":
                return not self._one()
            case "(":
                holds = self._either()
                if not self._takes(")"):
                    raise UnreadableRuleError
                return holds
            case "TRUE" | "FALSE":
                return token.word == "TRUE"
            case "ALARM" | "OK":
                return self._in_alarm(token.alarm) is (token.word == "ALARM")
            case "INSUFFICIENT_DATA":
                return False
            case _:
                raise UnreadableRuleError

    def _takes(self, word: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at].word == word
        self._at += taken
        return taken
