"""One rule, kept and broken: the smallest resources that do either, and what is said of the broken ones.

The same cases are judged in memory, rule by rule, and by the real engine in a preview of a program that declares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.policy_harness.declared import Declared


@dataclass(frozen=True)
class Case:
    """A way to keep a rule and a way to break it.

    All names, in AWS and in the program, begin with `prefix`, so that the cases of one program do not meet. What breaks
    the rule breaks no other one; what keeps it keeps them all.

    Args:
        rule: The rule's name.
        prefix: What every name in the case begins with.
        kept: Resources that keep the rule.
        broken: Resources that break it, and nothing else.
        at: The name of the resource in `broken` that the violation is reported on.
        says: Words of the message.
        settings: The rule's configuration, where the case needs one.
        stack: The name of the stack that it is about.
    """

    rule: str
    prefix: str
    kept: tuple[Declared, ...]
    broken: tuple[Declared, ...]
    at: str
    says: str
    settings: Mapping[str, object] = field(default_factory=dict)
    stack: str = "local"
