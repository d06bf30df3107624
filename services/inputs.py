"""An app's input form without a screen: what stands in it at first, what is wrong with it, what is sent.

Dify keeps the values of a conversation's first message (behaviour: recordings 33_*, 34_*); later ones count
for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.dify.parameters import InputField

Form = tuple[InputField, ...]
JSON = frozenset({"json", "json_object"})
FILES = frozenset({"file", "file-list"})
ADDRESS = "inputs."
"""A form may be filled in advance: `?inputs.city=Berlin`."""
TRUE = frozenset({"true", "1", "yes", "on"})
COMPLAINT = re.compile(r"(\S+) (?:is required in input form|in input form must )")
"""How Dify says that a value will not do (recordings 33_err_*)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be sent; `limit` belongs to too_long."""

    code: Literal["required", "too_long", "number", "option", "json"]
    limit: int = 0


def first(field: InputField, address: Mapping[str, str]) -> Any:
    """What stands in a control before anybody touched it, as its widget takes it."""
    given = address.get(ADDRESS + field.variable, field.default)
    match field.kind:
        case "checkbox":
            return given is True or str(given).lower() in TRUE
        case "number":
            number = _number(given)
            return None if number is None else float(number)
        case "select":
            return given if given in field.options else None
        case "file" | "file-list":
            return None
        case _ if given is None:
            return ""
        case _:
            return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def problem(field: InputField, value: Any) -> Problem | None:
    """What is wrong with a widget's value; None if it can be sent."""
    if value is None or value == "" or value == []:
        return Problem("required") if field.required else None
    match field.kind:
        case "checkbox":
            # A box that must be ticked: an unticked one is a value to Dify, and to nobody else.
            return Problem("required") if field.required and not value else None
        case "number":
            return None if _number(value) is not None else Problem("number")
        case "file" | "file-list":  # a server tells a length of these too, and it is not one of characters
            return None
        case "select":
            return None if value in field.options else Problem("option")
        case kind if kind in JSON:
            return None if isinstance(_object(value), dict) else Problem("json")
    if field.max_length and len(value) > field.max_length:
        return Problem("too_long", field.max_length)
    return None


def problems(form: Form, values: Mapping[str, Any]) -> dict[str, Problem]:
    """By variable."""
    found = ((field.variable, problem(field, values.get(field.variable))) for field in form)
    return {variable: wrong for variable, wrong in found if wrong}


def sent(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of `POST /chat-messages`: what was left empty is left out."""
    inputs: dict[str, Any] = {}
    for field in form:
        value = values.get(field.variable)
        if value is None or value == "" or value == []:
            continue
        inputs[field.variable] = _sendable(field, value)
    return inputs


def _sendable(field: InputField, value: Any) -> Any:
    if field.kind == "number":
        return _number(value)
    return _object(value) if field.kind in JSON else value


def blamed(form: Iterable[InputField], message: str) -> str | None:
    """The variable that a refusal of Dify's is about."""
    found = COMPLAINT.match(message)
    known = {field.variable for field in form}
    return found[1] if found and found[1] in known else None


def _number(value: Any) -> int | float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if number != number or number in {float("inf"), float("-inf")}:
        return None
    return int(number) if number.is_integer() else number


def _object(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return None
