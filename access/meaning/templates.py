"""Values of a policy, cut into pieces: plain text, wildcards and policy variables.

Sources: IAM user guide, "Variables and tags", "Resource", "Condition operators" (String, ARN).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from access.documents import MalformedDocumentError
from access.meaning.formula import Characters, Exactly, Like, One, Piece, Run, ValueOf

_ARN_PARTS: Final = 6
_VARIABLE: Final = re.compile(r"\$\{\s*(?P<name>[^,{}'\s][^,{}']*?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_SPECIAL: Final = frozenset("*?$")  # `${*}` stands for the character itself


def text(value: str, *, variables: bool) -> Like:
    """A value in which no wildcard counts, as of `StringEquals`.

    Args:
        value: As the policy has it.
        variables: Whether policy variables are known to the policy's version; without them `${…}` is plain text.

    Raises:
        MalformedDocumentError: When a variable is not written as one.
    """
    return Like(_joined(_pieces(value, variables=variables, wildcards=False)))


def pattern(value: str, *, variables: bool) -> Like:
    """A value in which `*` and `?` stand for any characters, as of `StringLike`. Arguments and errors as of `text`."""
    return Like(_joined(_pieces(value, variables=variables, wildcards=True)))


def action(value: str) -> Like:
    """An action with wildcards. Case does not count: both sides are in lower case. There are no variables in it."""
    return pattern(value.lower(), variables=False)


def arn(value: str, *, variables: bool) -> Like:
    """An ARN as the ARN operators match it: six parts between colons, each matched by itself.

    A wildcard stays within its part; only the last part holds colons. A `*` alone stands for any ARN, and one variable
    alone for a whole one. Arguments and errors as of `text`; anything else of fewer parts is an error too, for IAM does
    not say what it matches.
    """
    pieces = list(_pieces(value, variables=variables, wildcards=True))
    if len(pieces) == 1 and isinstance(pieces[0], ValueOf | Run):
        return Like(tuple(pieces))
    colons = sum(isinstance(piece, Exactly) and piece.text == ":" for piece in pieces)
    if colons < _ARN_PARTS - 1:
        raise MalformedDocumentError(
            f"{value!r} is compared as an ARN, and has not the six parts of one (arn:partition:service:region:account"
            ":resource); write all six, or compare with StringLike"
        )
    return Like(_joined(_within_parts(pieces)))


def resource(value: str, *, variables: bool) -> Like:
    """A Resource, in which a wildcard stays within its part of the ARN, unless it is a `*` at the part's end.

    "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
    boundaries" (IAM user guide, "Resource"). Arguments and errors as of `text`.
    """
    return Like(_joined(_spanning_at_ends(list(_pieces(value, variables=variables, wildcards=True)))))


def _spanning_at_ends(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece, following in zip(pieces, [*pieces[1:], Exactly(":")], strict=True):
        if isinstance(piece, Run | One):
            spans = isinstance(piece, Run) and _is_colon(following)
            yield replace(piece, of=Characters.ANY if spans else Characters.NO_COLON)
        else:
            yield piece


def _is_colon(piece: Piece) -> bool:
    return piece == Exactly(":")


def _within_parts(pieces: Iterable[Piece]) -> Iterator[Piece]:
    passed = 0
    for piece in pieces:
        passed += _is_colon(piece)
        if passed >= _ARN_PARTS - 1 or isinstance(piece, Exactly):
            yield piece
        elif isinstance(piece, ValueOf):
            yield replace(piece, across_colons=False)
        else:
            yield replace(piece, of=Characters.NO_COLON)


def _pieces(value: str, *, variables: bool, wildcards: bool) -> Iterator[Piece]:
    """One piece a character, wildcard or variable."""
    position = 0
    while position < len(value):
        if variables and value.startswith("${", position):
            found = _VARIABLE.match(value, position)
            if not found:
                raise MalformedDocumentError(
                    f"{value!r} has a ${{ that begins no policy variable; write ${{key}}, ${{key, 'default'}}, ${{*}},"
                    " ${?} or ${$}"
                )
            yield _variable(found)
            position = found.end()
            continue
        yield _character(value[position], wildcards=wildcards)
        position += 1


def _variable(found: re.Match[str]) -> Piece:
    name = found["name"]
    return Exactly(name) if name in _SPECIAL else ValueOf(name.lower(), found["default"])


def _character(character: str, *, wildcards: bool) -> Piece:
    if wildcards and character in "*?":
        return Run() if character == "*" else One()
    return Exactly(character)


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same with neighbouring texts in one piece."""
    joined: list[Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if isinstance(piece, Exactly) and isinstance(before, Exactly):
            joined[-1] = Exactly(before.text + piece.text)
        else:
            joined.append(piece)
    return tuple(joined)
