"""How the transcript is told what an app looks like: its face, its colour, the icons of its tools."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from services.apps import Profile
from services.dify.application import ToolIcon


def of(slug: str, profile: Profile) -> dict[str, Any]:
    """The `App` of protocol.js. Pictures are named by our own addresses, and fetched by routes/files.py."""
    site = profile.site
    icons = f"icons/{quote(slug, safe='')}"
    tools = {name: _icon(icon) for name, icon in profile.meta.tool_icons.items()}
    return {
        "name": profile.name,
        "icon": profile.icon,
        "icon_url": icons if profile.icon_address else None,
        "background": site.icon_background or None,
        "answers": site.use_icon_as_answer_icon,
        "color": profile.color,
        "inverted": site.chat_color_theme_inverted,
        "language": site.default_language,
        "icons": icons,
        "tools": {name: icon for name, icon in tools.items() if icon},
    }


def _icon(icon: ToolIcon) -> str | dict[str, str] | None:
    if icon.url:
        return "image"
    return {"content": icon.content, "background": icon.background} if icon.content else None
