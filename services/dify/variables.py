"""Heading "Conversations": the variables of a chatflow's conversation. Recordings 70_*, 71_*."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import Any

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import mapping, number, text
from services.dify.records import Page, moment

LONGEST_LITERAL = 1_000_000
"""Characters of a value that is still read as JSON or as a Python literal."""


@dataclass(frozen=True, slots=True)
class Variable:
    id: str
    name: str = ""
    value_type: str = ""
    """string, number, object, boolean, array[string], array[number], array[object], secret, json …"""
    value: Any = None
    """Typed where it could be read, else the server's text."""
    raw: Any = None
    """As the server sent it: text for every type, objects as Python writes them (`{'theme': 'dark'}`)."""
    description: str = ""
    created_at: float | None = None
    updated_at: float | None = None

    @property
    def written(self) -> bool:
        """Whether it was set since the conversation began, as far as whole seconds tell (70_variables)."""
        made, changed = self.created_at, self.updated_at
        return made is not None and changed is not None and changed > made

    @classmethod
    def from_json(cls, value: Any) -> Variable:
        row = mapping(value)
        value_type = text(row.get("value_type"))
        return cls(
            id=text(row.get("id")),
            name=text(row.get("name")),
            value_type=value_type,
            value=typed(row.get("value"), value_type),
            raw=row.get("value"),
            description=text(row.get("description")),
            created_at=moment(row.get("created_at")),
            updated_at=moment(row.get("updated_at")),
        )


def typed(raw: Any, value_type: str) -> Any:
    """The value behind the server's text: JSON as documented, or a Python literal as servers send it."""
    if not isinstance(raw, str) or value_type in {"string", "secret"} or len(raw) > LONGEST_LITERAL:
        return raw
    if value_type in {"number", "integer", "float"}:
        found = number(raw)
        if found is None:
            return raw
        return int(raw) if raw.strip().lstrip("+-").isdecimal() and len(raw) < 400 else found
    if value_type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(raw.strip().lower(), raw)
    for reader in (json.loads, ast.literal_eval):
        try:
            found = reader(raw)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        return found if isinstance(found, dict | list) else raw
    return raw


class Variables:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self,
        conversation_id: str,
        user: str,
        *,
        last_id: str | None = None,
        limit: int = 100,
        variable_name: str | None = None,
    ) -> Page[Variable]:
        """Empty for basic chats. Ask once for 100: `last_id` pages are empty, and `variable_name` fails on
        many servers (70_variables_last_id, 70_variables_filter), so filter what came."""
        answer = self._connection.ask(
            "GET",
            f"/conversations/{segment(conversation_id)}/variables",
            params={"user": user, "last_id": last_id, "limit": limit, "variable_name": variable_name},
        )
        return Page.from_json(answer, Variable.from_json)

    def update(self, conversation_id: str, variable_id: str, user: str, value: Any) -> Variable:
        """`value` in its own JSON type: Invalid otherwise (71_var_put_mismatch_*). The last write wins."""
        answer = self._connection.ask(
            "PUT",
            f"/conversations/{segment(conversation_id)}/variables/{segment(variable_id)}",
            body={"value": value, "user": user},
        )
        return Variable.from_json(answer)
