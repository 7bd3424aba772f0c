"""What happens when MiniStack is not the one that the layer was written against."""

from collections.abc import Callable
from types import ModuleType

import pytest

from local.emulator.seams import SeamError, add_entry, private, wrap, wrap_entry


def module() -> ModuleType:
    made = ModuleType("somewhere")

    def greet(name: str) -> str:
        return f"hello {name}"

    made.greet = greet  # type: ignore[attr-defined]  # a module made on the spot
    made.handlers = {"greet": greet}  # type: ignore[attr-defined]  # as above
    return made


def louder(original: Callable[..., str]) -> Callable[..., str]:
    def greet(name: str) -> str:
        return original(name).upper()

    return greet


def test_a_function_is_wrapped_in_its_module() -> None:
    changed = module()
    wrap(changed, "greet", ("name",), louder)
    assert changed.greet("you") == "HELLO YOU"


def test_an_entry_is_wrapped_in_its_table() -> None:
    changed = module()
    wrap_entry(changed, "handlers", "greet", ("name",), louder)
    assert changed.handlers["greet"]("you") == "HELLO YOU"


def test_a_missing_name_is_named() -> None:
    with pytest.raises(SeamError, match=r"somewhere\.part is not a function .*requirements\.txt"):
        wrap(module(), "part", ("name",), louder)
    with pytest.raises(SeamError, match=r"somewhere\.handlers\['part'\] is not a function"):
        wrap_entry(module(), "handlers", "part", ("name",), louder)
    with pytest.raises(SeamError, match=r"somewhere\.table\['greet'\] is not a function"):
        wrap_entry(module(), "table", "greet", ("name",), louder)
    with pytest.raises(SeamError, match=r"has no somewhere\._store"):
        private(module(), "_store")


def test_other_parameters_are_told() -> None:
    with pytest.raises(SeamError, match=r"takes \('name',\) .* written for \('name', 'tone'\)"):
        wrap(module(), "greet", ("name", "tone"), louder)


def test_a_private_name_is_given() -> None:
    assert private(module(), "greet")("you") == "hello you"


def test_an_entry_is_added_to_a_table_that_lacks_it() -> None:
    changed = module()
    add_entry(changed, "handlers", "part", lambda name: f"goodbye {name}")
    assert changed.handlers["part"]("you") == "goodbye you"


def test_an_action_that_ministack_has_by_now_is_not_replaced() -> None:
    with pytest.raises(SeamError, match=r"has somewhere\.handlers\['greet'\] itself"):
        add_entry(module(), "handlers", "greet", str)
    with pytest.raises(SeamError, match=r"has no somewhere\.table"):
        add_entry(module(), "table", "part", str)
