"""The little of Z3 that is needed here, with types: z3-solver ships none.

A term stands for a value that Z3 is free to choose: a truth, a text, a size. Texts are as Z3 has them, of characters up
to U+2FFFF.
"""

import ctypes
import operator
from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NewType

import z3  # type: ignore[import-untyped] # it ships no types

Truth = NewType("Truth", object)
Text = NewType("Text", object)
Size = NewType("Size", object)
Form = NewType("Form", object)
"""A set of texts, as a regular expression describes one."""

LAST_CHARACTER = 0x2FFFF
_PRINTABLE = range(0x20, 0x7F)


class Answer(StrEnum):
    """What the solver says to a question."""

    SATISFIABLE = "satisfiable"
    UNSATISFIABLE = "unsatisfiable"
    UNKNOWN = "unknown"


# ---- Terms


def truth(name: str) -> Truth:
    """A truth to be chosen."""
    return Truth(z3.Bool(name))


def text(name: str) -> Text:
    """A text to be chosen."""
    return Text(z3.String(name))


def size(name: str) -> Size:
    """A number to be chosen."""
    return Size(z3.Real(name))


def constant(value: str) -> Text:
    """This very text."""
    # Z3 reads \u{…} in what it is given, so a backslash is written so itself.
    escaped = (one if ord(one) in _PRINTABLE and one != "\\" else f"\\u{{{ord(one):x}}}" for one in value)
    return Text(z3.StringVal("".join(escaped)))


def joined(parts: Sequence[Text]) -> Text:
    """The parts one after the other."""
    return Text(z3.Concat(*parts)) if len(parts) > 1 else parts[0] if parts else constant("")


def chosen(condition: Truth, then: Text, otherwise: Text) -> Text:
    """One text or the other."""
    return Text(z3.If(condition, then, otherwise))


# ---- Truths


def negation(part: Truth) -> Truth:
    """The opposite."""
    return Truth(z3.Not(part))


def conjunction(parts: Iterable[Truth]) -> Truth:
    """All of them."""
    listed = tuple(parts)
    return listed[0] if len(listed) == 1 else Truth(z3.And(*listed))


def disjunction(parts: Iterable[Truth]) -> Truth:
    """One of them at least."""
    listed = tuple(parts)
    return listed[0] if len(listed) == 1 else Truth(z3.Or(*listed))


def implication(condition: Truth, consequence: Truth) -> Truth:
    """The one only with the other."""
    return Truth(z3.Implies(condition, consequence))


def same(one: Text | Truth, other: Text | Truth) -> Truth:
    """Both are the same."""
    return Truth(one == other)


def has_form(value: Text, form: Form) -> Truth:
    """The text is one of the set."""
    return Truth(z3.InRe(value, form))


def begins_with(value: Text, beginning: Text) -> Truth:
    """The text begins so."""
    return Truth(z3.PrefixOf(beginning, value))


def contains(value: Text, part: str) -> Truth:
    """The part stands somewhere in the text."""
    return Truth(z3.Contains(value, constant(part)))


def as_long(one: Text, other: Text) -> Truth:
    """Both texts have the same length."""
    return Truth(z3.Length(one) == z3.Length(other))


def between(value: Size, low: Fraction | None, high: Fraction | None, *, bounds_count: bool) -> Truth:
    """The number lies between two bounds, where there are any."""
    number: z3.ArithRef = value
    ordered = operator.le if bounds_count else operator.lt
    above = [ordered(_number(low), number)] if low is not None else []
    below = [ordered(number, _number(high))] if high is not None else []
    return Truth(z3.And(*above, *below))


def whole(value: Size) -> Truth:
    """The number has no fraction."""
    return Truth(z3.IsInt(value))


def _number(value: Fraction) -> z3.RatNumRef:
    return z3.Q(value.numerator, value.denominator)


# ---- Sets of texts


def form_of(value: Text) -> Form:
    """The set of this text alone."""
    return Form(z3.Re(value))


def form_ignoring_case(value: str) -> Form:
    """The set of this text in whatever case, in ASCII."""
    letters = [_either_case(one) for one in value]
    return forms_joined(letters)


def any_character() -> Form:
    """The set of texts of one character."""
    return Form(z3.AllChar(z3.ReSort(z3.StringSort())))


def one_character(character: str) -> Form:
    """The set of this character alone."""
    return form_of(constant(character))


def character_between(first: str, last: str) -> Form:
    """The set of the characters from the first to the last."""
    return Form(z3.Range(first, last))


def other_character(form: Form) -> Form:
    """The set of the characters that are not in another."""
    return Form(z3.Diff(any_character(), form))


def either_form(forms: Iterable[Form]) -> Form:
    """The set of texts that are in one of these, at least."""
    return Form(z3.Union(*forms))


def repeated(form: Form) -> Form:
    """The set of texts that are made of any number of texts of another, none included."""
    return Form(z3.Star(form))


def forms_joined(forms: Sequence[Form]) -> Form:
    """The set of texts that are made of one of each, in this order."""
    return Form(z3.Concat(*forms)) if len(forms) > 1 else forms[0] if forms else form_of(constant(""))


def _either_case(letter: str) -> Form:
    if not (letter.isascii() and letter.isalpha()):
        return form_of(constant(letter))
    return Form(z3.Union(z3.Re(constant(letter.lower())), z3.Re(constant(letter.upper()))))


# ---- Questions


class Model:
    """One way to choose all terms so that everything asserted is true."""

    def __init__(self, model: z3.ModelRef) -> None:
        self._model = model

    def truth(self, term: Truth) -> bool:
        """What was chosen for a truth."""
        return bool(z3.is_true(self._value(term)))

    def size(self, term: Size) -> Fraction:
        """What was chosen for a number."""
        chosen = self._value(term)
        return Fraction(str(chosen.as_fraction()))

    def text(self, term: Text) -> str:
        """What was chosen for a text."""
        chosen = self._value(term)
        context, ast = chosen.ctx_ref(), chosen.as_ast()
        length = z3.Z3_get_string_length(context, ast)
        characters = (ctypes.c_uint * length)()
        z3.Z3_get_string_contents(context, ast, length, characters)
        return "".join(map(chr, characters))

    def _value(self, term: object) -> z3.ExprRef:
        return self._model.eval(term, model_completion=True)


def ask(parts: Iterable[Truth], *, seconds: float) -> tuple[Answer, Model | None]:
    """Whether all parts can be true at once.

    Args:
        parts: What must be true.
        seconds: How long the solver may think.

    Returns:
        The answer, and a way to make them true if there is one.
    """
    solver = z3.Solver()
    solver.set("timeout", int(seconds * 1000))
    solver.add(*parts)
    answer = _ANSWERS[str(solver.check())]
    return answer, Model(solver.model()) if answer is Answer.SATISFIABLE else None


_ANSWERS = {"sat": Answer.SATISFIABLE, "unsat": Answer.UNSATISFIABLE, "unknown": Answer.UNKNOWN}
