"""App: what one API key opens, and what it can do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from embedded.controls import Control
from embedded.tables.variables import VariableSpec


@dataclass(frozen=True, slots=True)
class Moderation:
    """Words that neither side may say, in any case, and what is said instead."""

    keywords: tuple[str, ...]
    instead_of_question: str
    instead_of_answer: str

    def objects_to(self, text: str) -> bool:
        """Whether the text holds one of the words."""
        plain = text.casefold()
        return any(word in plain for word in self.keywords)

    def described(self) -> dict[str, Any]:
        """`sensitive_word_avoidance` of /parameters (recording 10_app_chat_mod_parameters)."""
        return {
            "config": {
                "inputs_config": {"enabled": True, "preset_response": self.instead_of_question},
                "keywords": "\n".join(self.keywords),
                "outputs_config": {"enabled": True, "preset_response": self.instead_of_answer},
            },
            "enabled": True,
            "type": "keywords",
        }


@dataclass(frozen=True, slots=True)
class Features:
    """What can be switched on and off."""

    follow_ups: bool = True
    hears: bool = True
    speaks: bool = True
    autoplay: bool = False
    cites: bool = True
    files: bool = True


NONE = Features(False, False, False, False, False, False)


@dataclass(frozen=True, slots=True)
class App:
    """One app. `key` is what its API key has behind the first app's, "" for that one."""

    key: str
    name: str
    mode: Literal["chat", "agent-chat", "advanced-chat", "completion"] = "chat"
    description: str | None = None
    icon: str = "\N{ROBOT FACE}"
    icon_background: str = "#FFEAD5"
    opening_statement: str = ""
    suggested_questions: tuple[str, ...] = ()
    placeholder: str | None = None
    controls: tuple[Control, ...] = ()
    features: Features = field(default_factory=Features)
    moderation: Moderation | None = None
    variables: tuple[VariableSpec, ...] = ()
    enabled: bool = True
    published: bool = True
    most_at_once: int | None = None
    """Answers at a time, None for any number."""

    @property
    def id(self) -> str:
        """A UUID that stays the same from start to start."""
        return GUIDE_ID if not self.key else str(uuid5(NAMESPACE_URL, f"embedded app {self.key}"))

    @property
    def workflow_id(self) -> str:
        """The published version of a chatflow."""
        return str(uuid5(NAMESPACE_URL, f"embedded workflow {self.key}"))

    @property
    def is_chatflow(self) -> bool:
        """Whether its answers are runs of a workflow."""
        return self.mode == "advanced-chat"

    def accept(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The form's values, None for what is unset; what the form does not know is dropped."""
        return {each.variable: each.accept(values.get(each.variable)) for each in self.controls}

    def introduction(self, inputs: Mapping[str, Any]) -> str:
        """The opening statement with its variables filled; an unset one leaves nothing behind."""

        def value(match: re.Match[str]) -> str:
            return str(inputs.get(match[1]) or "")

        return re.sub(r"\{\{(\w+)\}\}", value, self.opening_statement)


GUIDE_ID = "6d5e0f3c-5b0e-4b8e-9a39-8f1c7e0d2a11"  # of the first release: conversations are kept under it
