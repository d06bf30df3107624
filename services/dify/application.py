"""Heading "Applications": the app's name, its parameters, its tool icons and how it wants to look.

`/info`, `/site` and `/meta` are missing on older servers (404, also as HTML): that is no failure, what they
would say is then unknown. Recordings 10_app_*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dify.connection import Connection
from services.dify.errors import NotFound
from services.dify.loose import flag, mapping, text
from services.dify.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Info:
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    mode: str = ""
    """chat, agent-chat, agent, advanced-chat, completion, workflow; "" where the server does not say."""
    author_name: str = ""

    @classmethod
    def from_json(cls, value: Any) -> Info:
        info = mapping(value)
        tags = info.get("tags")
        return cls(
            name=text(info.get("name")),
            description=text(info.get("description")),
            tags=tuple(t for t in map(text, tags) if t) if isinstance(tags, list) else (),
            mode=text(info.get("mode")),
            author_name=text(info.get("author_name")),
        )


@dataclass(frozen=True, slots=True)
class Site:
    """How the app presents itself."""

    title: str = ""
    description: str = ""
    icon_type: str = ""
    """emoji or image."""
    icon: str = ""
    """An emoji, or the id of an image."""
    icon_background: str = ""
    icon_url: str = ""
    chat_color_theme: str = ""
    """A CSS colour such as #ff4a4a. Untrusted: check it before it meets a style."""
    chat_color_theme_inverted: bool = False
    use_icon_as_answer_icon: bool = False
    show_workflow_steps: bool = True
    input_placeholder: str = ""
    custom_disclaimer: str = ""
    copyright: str = ""
    privacy_policy: str = ""
    default_language: str = ""

    @classmethod
    def from_json(cls, value: Any) -> Site:
        site = mapping(value)
        return cls(
            title=text(site.get("title")),
            description=text(site.get("description")),
            icon_type=text(site.get("icon_type")),
            icon=text(site.get("icon")),
            icon_background=text(site.get("icon_background")),
            icon_url=text(site.get("icon_url")),
            chat_color_theme=text(site.get("chat_color_theme")),
            input_placeholder=text(site.get("input_placeholder")),
            custom_disclaimer=text(site.get("custom_disclaimer")),
            copyright=text(site.get("copyright")),
            privacy_policy=text(site.get("privacy_policy")),
            default_language=text(site.get("default_language")),
            chat_color_theme_inverted=flag(site.get("chat_color_theme_inverted")),
            use_icon_as_answer_icon=flag(site.get("use_icon_as_answer_icon")),
            show_workflow_steps=flag(site.get("show_workflow_steps", True)),
        )


@dataclass(frozen=True, slots=True)
class ToolIcon:
    """An image's address (often inside the server's own network), or a character on a background."""

    url: str = ""
    content: str = ""
    background: str = ""


@dataclass(frozen=True, slots=True)
class Meta:
    tool_icons: Mapping[str, ToolIcon] = field(default_factory=dict)
    """By tool name."""

    @classmethod
    def from_json(cls, value: Any) -> Meta:
        icons: dict[str, ToolIcon] = {}
        for tool, icon in mapping(mapping(value).get("tool_icons")).items():
            if isinstance(icon, str):
                icons[tool] = ToolIcon(url=icon)
            elif isinstance(icon, dict):
                icons[tool] = ToolIcon(
                    content=text(icon.get("content")), background=text(icon.get("background"))
                )
        return cls(icons)


class Application:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def server_version(self) -> str:
        """As the server told it last, such as 1.16.0; empty where it tells none."""
        return self._connection.server_version

    def info(self) -> Info:
        return Info.from_json(self._optional("/info"))

    def parameters(self) -> Parameters:
        return Parameters.from_json(self._connection.ask("GET", "/parameters"))

    def meta(self) -> Meta:
        return Meta.from_json(self._optional("/meta"))

    def site(self) -> Site:
        return Site.from_json(self._optional("/site"))

    def _optional(self, path: str) -> Any:
        try:
            return self._connection.ask("GET", path)
        except NotFound:
            return None
