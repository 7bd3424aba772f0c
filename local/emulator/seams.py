"""The only way in which this layer changes MiniStack: a named function is replaced by one that wraps it.

MiniStack has no extension points, so the layer reaches into its modules. The version is pinned; still, a pin that
somebody moves must fail at start with a name, not at some later request with a wrong answer. Hence every replacement
states the parameters that it was written against, and they are compared.
"""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

_REMEDY: Final = (
    "install local/emulator/requirements.txt, or, if its version was raised on purpose, adapt the file of "
    "local/emulator that names it"
)


class SeamError(RuntimeError):
    """MiniStack is not as this layer was written against: the pinned version was moved."""


def private(module: ModuleType, name: str) -> Any:  # noqa: ANN401 - MiniStack is untyped; internals.py says what each is
    """Looks up a private name of MiniStack's.

    Args:
        module: The MiniStack module.
        name: The name in it.

    Returns:
        What it names.

    Raises:
        SeamError: There is no such name.
    """
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise SeamError(f"the installed MiniStack has no {module.__name__}.{name}; {_REMEDY}") from error


def _checked(found: object, place: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    if not callable(found):
        raise SeamError(f"{place} is not a function in the installed MiniStack; {_REMEDY}")
    actual = tuple(inspect.signature(found).parameters)
    if actual != parameters:
        raise SeamError(
            f"{place} takes {actual} in the installed MiniStack, but this layer was written for {parameters}; {_REMEDY}"
        )
    return found


def wrap(
    module: ModuleType,
    name: str,
    parameters: tuple[str, ...],
    wrapper: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> None:
    """Replaces a module's function by one that wraps it.

    Args:
        module: The MiniStack module; its own callers must look the name up at call time.
        name: The function's name in it.
        parameters: The parameter names that it must have, in order.
        wrapper: Given the original, gives the replacement.

    Raises:
        SeamError: The function is missing or has other parameters.
    """
    original = _checked(getattr(module, name, None), f"{module.__name__}.{name}", parameters)
    setattr(module, name, wrapper(original))


def wrap_entry(
    module: ModuleType,
    table: str,
    key: str,
    parameters: tuple[str, ...],
    wrapper: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> None:
    """Replaces one entry of a module's dispatch table by a function that wraps it.

    Args:
        module: The MiniStack module.
        table: The name of its dictionary of handlers.
        key: The action whose handler is replaced.
        parameters: The parameter names that the handler must have, in order (wrapped handlers keep them).
        wrapper: Given the original, gives the replacement.

    Raises:
        SeamError: The table or the entry is missing, or the handler has other parameters.
    """
    handlers = getattr(module, table, None)
    place = f"{module.__name__}.{table}[{key!r}]"
    if not isinstance(handlers, dict):
        _checked(None, place, parameters)
        return
    handlers[key] = wrapper(_checked(handlers.get(key), place, parameters))


def add_entry(module: ModuleType, table: str, key: str, handler: Callable[..., Any]) -> None:
    """Adds an entry to a module's dispatch table, for an action that MiniStack lacks.

    Args:
        module: The MiniStack module.
        table: The name of its dictionary of handlers.
        key: The action.
        handler: What answers it.

    Raises:
        SeamError: The table is missing, or MiniStack has the action by now.
    """
    handlers = private(module, table)
    if key in handlers:
        raise SeamError(f"the installed MiniStack has {module.__name__}.{table}[{key!r}] itself; {_REMEDY}")
    handlers[key] = handler
