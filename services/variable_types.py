"""The types of conversation variables: which kind of value each holds, and typed text read as one.

A server sends every value as text, as JSON or as Python writes it (services/dify/variables.py reads both),
and takes only a value of the variable's own JSON type (recordings 71_var_put_mismatch_*).
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, Literal, NoReturn

Kind = Literal["text", "number", "boolean", "json", "secret", "file", "unknown"]
KINDS: dict[str, Kind] = {
    "string": "text",
    "number": "number",
    "integer": "number",
    "float": "number",
    "boolean": "boolean",
    "object": "json",
    "json": "json",
    "array": "json",
    "array[any]": "json",
    "array[string]": "json",
    "array[number]": "json",
    "array[object]": "json",
    "array[boolean]": "json",
    "secret": "secret",
    "file": "file",
    "array[file]": "file",
}
"""By the `value_type` of the API document and of older ones."""
EDITABLE: frozenset[Kind] = frozenset({"text", "number", "boolean", "json", "secret"})
ITEMS: dict[str, tuple[type, ...]] = {
    "array[string]": (str,),
    "array[number]": (int, float),
    "array[object]": (dict,),
    "array[boolean]": (bool,),
}


class Unfit(ValueError):
    """Typed text is no value of the type. `code`: number, syntax, object, array, item, large, or empty (a
    secret, whose editor begins empty); `detail` is the parser's own words, or what
    an item should be; line, column and item count from 1."""

    def __init__(self, code: str, detail: str = "", *, line: int = 0, column: int = 0, item: int = 0) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail
        self.line, self.column, self.item = line, column, item


def kind_of(value_type: str) -> Kind:
    """`unknown` for a type that no document names: its value is shown and never sent."""
    return KINDS.get(value_type, "unknown")


def written(value: Any) -> str:
    """A value as text to edit: strings as they are, all else as JSON over several lines."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except (TypeError, ValueError, RecursionError):
        return repr(value)  # a Python literal that no JSON can say, such as a set


def brief(value: Any) -> str:
    """The same in one line."""
    if isinstance(value, dict | list):
        try:
            return json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            return repr(value)
    return written(value)


def read(text: str, value_type: str) -> Any:
    """The value of that type which the text means. Raises Unfit."""
    match kind_of(value_type):
        case "number":
            return _number(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case "json":
            value = _json(text)
            _check(value, value_type)
            return value
        case "secret" if not text:
            raise Unfit("empty")
        case _:
            return text


def _number(text: str) -> int | float:
    try:
        value = json.loads(text.strip().removeprefix("+"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unfit("number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("number")
    if not isfinite(value):
        raise Unfit("large")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise Unfit("syntax", error.msg, line=error.lineno, column=error.colno) from None
    except (ValueError, RecursionError):
        # Nested too deep, or a number that is none in JSON or too long for Python: the parser tells no place.
        raise Unfit("large") from None


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError("too large a number")
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _check(value: Any, value_type: str) -> None:
    if value_type == "object" and not isinstance(value, dict):
        raise Unfit("object")
    if not value_type.startswith("array"):
        return
    if not isinstance(value, list):
        raise Unfit("array")
    kinds = ITEMS.get(value_type)
    for place, item in enumerate(value, 1):
        # To Python True is a number, to JSON it is not.
        if kinds and (not isinstance(item, kinds) or (isinstance(item, bool) and bool not in kinds)):
            raise Unfit("item", value_type.removeprefix("array[").removesuffix("]"), item=place)
