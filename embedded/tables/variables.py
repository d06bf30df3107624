"""Conversation variables: typed values that a chatflow keeps for one conversation. Source: recordings 70_*,
71_*."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from embedded.database import Database


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """A variable as its app's author defined it; `value_type` in the words of the API."""

    name: str
    value_type: str
    default: Any
    description: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of one conversation."""

    id: str
    spec: VariableSpec
    value: Any
    created_at: float
    updated_at: float

    def described(self) -> dict[str, Any]:
        """The item of GET …/variables. The value is its Python text, whatever its type."""
        return {
            "id": self.id,
            "name": self.spec.name,
            "value_type": self.spec.value_type,
            "value": self.value if isinstance(self.value, str) else repr(self.value),
            "description": self.spec.description,
            "created_at": int(self.created_at),
            "updated_at": int(self.updated_at),
        }


class Variables:
    """The table `variables`. A conversation has them from its first run on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, conversation_id: str, specs: tuple[VariableSpec, ...]) -> list[Variable]:
        """The variables of a conversation in the order of their definition."""
        rows = self._database.all(
            "SELECT * FROM variables WHERE conversation_id = :id ORDER BY seq", {"id": conversation_id}
        )
        known = {spec.name: spec for spec in specs}
        return [
            Variable(
                row["id"],
                known[row["name"]],
                json.loads(row["value"]),
                row["created_at"],
                row["updated_at"],
            )
            for row in rows
            if row["name"] in known
        ]

    def create(self, conversation_id: str, specs: tuple[VariableSpec, ...]) -> None:
        """Give a conversation its variables, unless it has them."""
        now = time.time()
        with self._database.change() as db:
            db.executemany(
                "INSERT INTO variables (id, conversation_id, name, value, created_at, updated_at)"
                " SELECT ?, id, ?, ?, ?, ? FROM conversations WHERE id = ?"
                " ON CONFLICT (conversation_id, name) DO NOTHING",
                [
                    (str(uuid4()), spec.name, json.dumps(spec.default), now, now, conversation_id)
                    for spec in specs
                ],
            )

    def set(self, conversation_id: str, values: Mapping[str, Any]) -> None:
        """Change several variables together."""
        now = time.time()
        with self._database.change() as db:
            db.executemany(
                "UPDATE variables SET value = ?, updated_at = ? WHERE conversation_id = ? AND name = ?",
                [(json.dumps(value), now, conversation_id, name) for name, value in values.items()],
            )


def type_of(value: Any) -> str:
    """The type of a JSON value in the words of the API: `integer` and `float` are both a `number`."""
    match value:
        case None:
            return "none"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "float"
        case str():
            return "string"
        case dict():
            return "object"
        case list():
            kinds = {"number" if kind in ("integer", "float") else kind for kind in map(type_of, value)}
            return f"array[{kinds.pop()}]" if len(kinds) == 1 else "array[any]"
        case _:
            raise TypeError(type(value).__name__)


def fits(value: Any, value_type: str) -> bool:
    """Whether a value may be put into a variable of that type; an empty list fits every array."""
    kind = type_of(value)
    if kind in ("integer", "float"):
        return value_type == "number"
    return kind == value_type or (value == [] and value_type.startswith("array["))
