"""What is being edited: kept for as long as the tab is open, so that nothing typed is lost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any

from components import session
from services.apps import App
from services.conversations import Conversation
from services.dify.variables import Variable
from services.identity import Identity, Role
from services.site import Site
from services.variable_log import Place
from services.variable_types import kind_of, written
from services.variable_watch import place_of


@dataclass(frozen=True, slots=True)
class Editing:
    """One variable's editor."""

    shown: Variable
    """As it was when editing began, or when the person last chose."""
    draft: str
    """What stands in the editor, as text."""
    tree: Any = None
    """What the tree began with; None while the value is edited as text."""
    round: str = field(default_factory=lambda: token_hex(4))
    """Names the widgets of this editor: a later one must not begin with what was in them."""
    problem: str = ""

    @classmethod
    def begun(cls, variable: Variable) -> Editing:
        draft = written(variable.value)
        if kind_of(variable.value_type) == "json" and not draft:
            draft = "{}" if variable.value_type in ("object", "json") else "[]"
        return cls(variable, "" if kind_of(variable.value_type) == "secret" else draft)

    def as_tree(self) -> Editing:
        """To be edited as a tree, if the draft is JSON; else unchanged."""
        try:
            tree = json.loads(self.draft)
        except (ValueError, RecursionError):
            return self
        return replace(self, tree=tree, round=token_hex(4)) if isinstance(tree, dict | list) else self

    def as_text(self) -> Editing:
        return replace(self, tree=None, round=token_hex(4))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where variables are looked at and edited: whose, and of which conversation."""

    site: Site
    identity: Identity
    app: App
    conversation: Conversation

    @property
    def place(self) -> Place:
        return place_of(self.conversation)

    @property
    def may_edit(self) -> bool:
        return self.identity.role >= Role.AGENT

    def key(self, variable_id: str, what: str) -> str:
        return f"variable-{what}-{self.place.conversation_id}-{variable_id}"

    def editing(self, variable_id: str) -> Editing | None:
        """None while it is only looked at."""
        found: Editing | None = session.kept(self.key(variable_id, "editing"), None)
        return found

    def edit(self, variable_id: str, editing: Editing | None) -> None:
        """Remember how far editing has come; None ends it."""
        session.keep(self.key(variable_id, "editing"), editing)
