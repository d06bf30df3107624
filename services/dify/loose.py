"""Reading JSON from outside: every key may be missing, null or of another type, and none of that raises.

Source: the five API documents differ in most of these places, and real servers differ from all five.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

Json = Mapping[str, Any]
NOTHING: Json = {}
LARGEST = 2**53
"""Beyond it a browser does not know one number from the next."""


def mapping(value: Any) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def items(value: Any) -> Iterator[Json]:
    """The objects of an array; whatever else stands in it, or instead of it, is passed over."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def text(value: Any) -> str:
    """Strings as they are, numbers as written, anything else as ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def number(value: Any) -> float | None:
    """A finite number, also from a string ("0E-7"), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if isfinite(result) else None


def whole(value: Any) -> int | None:
    """As number(), cut to an integer; None for one that nothing is counted by, and no database takes."""
    result = number(value)
    return None if result is None or abs(result) > LARGEST else int(result)


def flag(value: Any) -> bool:
    """True for true, 1, "true" and "enabled"; all else is False."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() in {"true", "enabled"})
