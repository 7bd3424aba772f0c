"""Typed reading of property values, for code that already knows what a checked property holds."""

from local.provider.properties import UNKNOWN, Value, Values


def text(values: Values, name: str, default: str = "") -> str:
    """Read a string.

    Args:
        values: Checked properties.
        name: The property's name.
        default: What an absent one means.

    Returns:
        The string.

    Raises:
        TypeError: The property holds something else, which a check should have refused.
    """
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise TypeError(f"{name} holds {value!r}, not a string")
    return value


def whole(values: Values, name: str, default: int = 0) -> int:
    """Read a whole number.

    Args:
        values: Checked properties.
        name: The property's name.
        default: What an absent one means.

    Returns:
        The number.

    Raises:
        TypeError: The property holds something else, which a check should have refused.
    """
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} holds {value!r}, not a whole number")
    return value


def number(values: Values, name: str, default: float = 0.0) -> float:
    """Read a number.

    Args:
        values: Checked properties.
        name: The property's name.
        default: What an absent one means.

    Returns:
        The number.

    Raises:
        TypeError: The property holds something else, which a check should have refused.
    """
    value = values.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} holds {value!r}, not a number")
    return float(value)


def flag(values: Values, name: str, *, default: bool = False) -> bool:
    """Read a boolean.

    Args:
        values: Checked properties.
        name: The property's name.
        default: What an absent one means.

    Returns:
        The boolean.

    Raises:
        TypeError: The property holds something else, which a check should have refused.
    """
    value = values.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise TypeError(f"{name} holds {value!r}, not true or false")
    return value


def texts(values: Values, name: str) -> list[str]:
    """Read a list of strings; an absent one is empty.

    Args:
        values: Checked properties.
        name: The property's name.

    Returns:
        The strings.
    """
    value = values.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text_map(values: Values, name: str) -> dict[str, str]:
    """Read a map of strings, as tags are; an absent one is empty.

    Args:
        values: Checked properties.
        name: The property's name.

    Returns:
        The map.
    """
    value = values.get(name)
    return {key: item for key, item in value.items() if isinstance(item, str)} if isinstance(value, dict) else {}


def known_text(values: Values, name: str) -> str | None:
    """Read a string that may be absent or not known yet.

    Args:
        values: Properties, checked or as a program gave them.
        name: The property's name.

    Returns:
        The string, or None when it is absent, empty, unknown or no string.
    """
    value = values.get(name)
    return value if isinstance(value, str) and value else None


def has_unknown(value: Value) -> bool:
    """Tell whether a value is unknown, wholly or in a part.

    Args:
        value: Any property value.

    Returns:
        True if anything in it is known only after the deployment.
    """
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    return value is UNKNOWN


def is_empty(value: Value) -> bool:
    """Tell whether a value says nothing: AWS and the protocol both treat an empty string, list or map as absent.

    Args:
        value: Any property value.

    Returns:
        True for None, "", [] and {}; False for false and 0, which say something.
    """
    return value is None or (isinstance(value, str | list | dict) and not value)
