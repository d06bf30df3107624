"""App: what one API key opens, and the four endpoints that describe it. Source: "Applications" in the API
document, recordings 10_app_chat_*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from embedded.caller import Caller, keyed
from embedded.errors import invalid
from embedded.responses import CompactJSON

LIMITS = {
    "image_file_size_limit": 10,
    "video_file_size_limit": 100,
    "audio_file_size_limit": 50,
    "file_size_limit": 15,
    "workflow_file_upload_limit": 10,
}
OFF = {"enabled": False}


@dataclass(frozen=True, slots=True)
class TextInput:
    """A one-line control of the input form."""

    variable: str
    label: str
    default: str = ""
    max_length: int = 48
    required: bool = False

    def accept(self, value: object) -> str | None:
        """The value to keep, None if unset. Raises Refused in the words of recordings 33_*."""
        if value is None or value == "":
            if self.required:
                raise invalid(f"{self.variable} is required in input form")
            return None
        if not isinstance(value, str):
            raise invalid(f"(type '{type(value).__name__}') {self.variable} in input form must be a string")
        if len(value) > self.max_length:
            raise invalid(f"{self.variable} in input form must be less than {self.max_length} characters")
        return value

    def described(self) -> dict[str, Any]:
        """The control as /parameters shows it."""
        return {
            "text-input": {
                "default": self.default,
                "label": self.label,
                "max_length": self.max_length,
                "required": self.required,
                "variable": self.variable,
            }
        }


@dataclass(frozen=True, slots=True)
class App:
    """A basic chat app."""

    id: str
    name: str
    description: str
    icon: str
    icon_background: str
    opening_statement: str
    suggested_questions: tuple[str, ...]
    inputs: tuple[TextInput, ...]
    dataset: str
    mode: str = "chat"

    def accept(self, values: Mapping[str, Any]) -> dict[str, str | None]:
        """The form's values, None for what is unset; what the form does not know is dropped."""
        return {each.variable: each.accept(values.get(each.variable)) for each in self.inputs}

    def introduction(self, inputs: Mapping[str, Any]) -> str:
        """The opening statement with its variables filled; an unset one leaves nothing behind."""

        def value(match: re.Match[str]) -> str:
            return str(inputs.get(match[1]) or "")

        return re.sub(r"\{\{(\w+)\}\}", value, self.opening_statement)


CONSOLE_GUIDE = App(
    id="6d5e0f3c-5b0e-4b8e-9a39-8f1c7e0d2a11",
    name="Console guide",
    description="Answers questions about this console from its own manual, without an account or a model.",
    icon="\N{COMPASS}",
    icon_background="#E4F2FF",
    opening_statement=(
        "Hello {{name}}\n\n"
        "I am the guide built into this console. I know its manual and nothing else, and every answer "
        "names the passage it comes from. Ask me something, or start with one of these."
    ),
    suggested_questions=(
        "How do I connect a real Dify?",
        "What happens when I reload while an answer is running?",
        "How do I stop an answer?",
        "demo: markdown",
    ),
    inputs=(TextInput("name", "Your name", default="there"),),
    dataset="Console manual",
)

router = APIRouter()
AnyCaller = Annotated[Caller, Depends(keyed)]


@router.get("/info")
def info(caller: AnyCaller) -> Response:
    """Name, description, tags, mode and author."""
    app = caller.app
    return CompactJSON(
        {
            "name": app.name,
            "description": app.description,
            "tags": [],
            "mode": app.mode,
            "author_name": "Embedded backend",
        }
    )


@router.get("/meta", dependencies=[Depends(keyed)])
def meta() -> Response:
    """Icons of tools; a basic chat app has none."""
    return CompactJSON({"tool_icons": {}})


@router.get("/site")
def site(caller: AnyCaller) -> Response:
    """How the app wants to look."""
    app = caller.app
    return CompactJSON(
        {
            "title": app.name,
            "chat_color_theme": None,
            "chat_color_theme_inverted": False,
            "icon_type": "emoji",
            "icon": app.icon,
            "icon_background": app.icon_background,
            "description": app.description,
            "copyright": None,
            "privacy_policy": None,
            "input_placeholder": "Ask about this console",
            "custom_disclaimer": "",
            "default_language": "en-US",
            "show_workflow_steps": True,
            "use_icon_as_answer_icon": True,
            "icon_url": None,
        }
    )


@router.get("/parameters")
def parameters(caller: AnyCaller) -> Response:
    """What the app can do and asks for."""
    app = caller.app
    return CompactJSON(
        {
            "opening_statement": app.opening_statement,
            "suggested_questions": list(app.suggested_questions),
            "suggested_questions_after_answer": {"enabled": True},
            "speech_to_text": OFF,
            "text_to_speech": OFF,
            "retriever_resource": {"enabled": True},
            "annotation_reply": OFF,
            "more_like_this": OFF,
            "user_input_form": [each.described() for each in app.inputs],
            "sensitive_word_avoidance": {"configs": [], "enabled": False, "type": ""},
            "file_upload": {
                "image": {
                    "detail": "high",
                    "enabled": False,
                    "number_limits": 3,
                    "transfer_methods": ["local_file", "remote_url"],
                }
            },
            "system_parameters": LIMITS,
        }
    )
