"""Forms that a paused chatflow waits for. Recordings a1_form_*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.form import HumanInput
from services.dify.loose import mapping


class HumanInputs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def form(self, form_token: str) -> HumanInput:
        """Raises NotFound for an unknown token; Invalid, status 412, once submitted or expired."""
        found = mapping(self._connection.ask("GET", f"/form/human_input/{segment(form_token)}"))
        actions = found.get("user_actions", found.get("actions"))
        return HumanInput.from_json({**found, "form_token": form_token, "actions": actions})

    def submit(self, form_token: str, user: str, inputs: Mapping[str, Any], action: str) -> None:
        """`action` is the id of one of the form's actions. Then open workflows.events for the rest."""
        self._connection.ask(
            "POST",
            f"/form/human_input/{segment(form_token)}",
            body={"inputs": dict(inputs), "action": action, "user": user},
        )
