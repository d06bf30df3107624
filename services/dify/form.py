"""The form of a workflow run that waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.dify.loose import Json, flag, items, mapping, text, whole


@dataclass(frozen=True, slots=True)
class HumanInput:
    """A form that a paused workflow run waits for, or waited for."""

    form_token: str
    """"" once it is closed."""
    form_id: str = ""
    node_title: str = ""
    content: str = ""
    """Markdown with slots such as {{#$output.comment#}}."""
    inputs: tuple[Json, ...] = ()
    actions: tuple[Json, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    expires_at: int | None = None
    """Unix seconds."""
    submitted: bool = False
    run_id: str = ""
    """Of the workflow run; known from history alone."""
    expired: bool = False
    choice: str = ""
    """Title of the action that was chosen."""
    rendered: str = ""
    """Markdown: the content with what was filled in."""

    @classmethod
    def from_json(cls, data: Json) -> HumanInput:
        """Of the event, of GET /form, or of `extra_contents` in history with its parts laid together."""
        return cls(
            form_token=text(data.get("form_token")),
            form_id=text(data.get("form_id")),
            run_id=text(data.get("workflow_run_id")),
            choice=text(data.get("action_text")),
            rendered=text(data.get("rendered_content")),
            node_title=text(data.get("node_title")),
            content=text(data.get("form_content")),
            inputs=tuple(items(data.get("inputs"))),
            actions=tuple(items(data.get("actions"))),
            defaults=mapping(data.get("resolved_default_values")),
            expires_at=whole(data.get("expiration_time")),
            submitted=flag(data.get("submitted")),
        )

    def closed(self, *, expired: bool = False, choice: str = "") -> HumanInput:
        """The form as it is once it was answered or has expired."""
        if self.submitted or self.expired:
            return self
        return replace(self, submitted=not expired, expired=expired, choice=choice)
