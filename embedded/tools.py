"""Tools that the agent really calls: a clock, a calculator, a pencil, a search in the manual."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from embedded import arithmetic, drawing
from embedded.knowledge import Hit, Knowledge, words

SEARCH = re.compile(r"^\s*(please\s+)?(search|look up|find)( in)?( the)?( manual)?( for)?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool brought: an observation in words, perhaps a PNG, perhaps passages to cite."""

    observation: str
    image: bytes | None = None
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. `wanted` finds its input in a question, None if the question does not ask for it."""

    name: str
    label: str
    emoji: str
    wanted: Callable[[str], dict[str, Any] | None]
    run: Callable[[dict[str, Any], Knowledge], Found]

    @property
    def labels(self) -> dict[str, str]:
        """Its name in every language of the API."""
        return dict.fromkeys(("zh_Hans", "en_US", "pt_BR", "ja_JP"), self.label)

    def icon(self, base: str) -> str | dict[str, str]:
        """The value of `tool_icons` in /meta. Addresses under /console need a login, as on a real server."""
        if self.name == "current_time":
            return f"{base}/console/api/workspaces/current/tool-provider/builtin/time/icon"
        return {"background": "#E8F5E4", "content": self.emoji}


def wanted(query: str) -> list[tuple[Tool, dict[str, Any]]]:
    """The tools a question asks for, with their inputs, in the order they are called."""
    found = [(tool, values) for tool in TOOLS.values() if (values := tool.wanted(query)) is not None]
    return [each for each in found if each[0].name != "search_manual"] or found


def _time_wanted(query: str) -> dict[str, Any] | None:
    if not re.search(r"\b(time|clock|date|today|day is it|hour)\b", query, re.IGNORECASE):
        return None
    return {"format": "%Y-%m-%d %H:%M:%S", "timezone": "UTC"}


def _time(values: dict[str, Any], _knowledge: Knowledge) -> Found:
    return Found(datetime.now(UTC).strftime(values["format"]))


def _sum_wanted(query: str) -> dict[str, Any] | None:
    expression = arithmetic.find(query)
    return {"expression": expression} if expression else None


def _sum(values: dict[str, Any], _knowledge: Knowledge) -> Found:
    return Found(arithmetic.evaluate(values["expression"]))


def _picture_wanted(query: str) -> dict[str, Any] | None:
    if not re.search(r"\b(draw|paint|sketch|picture of)\b", query, re.IGNORECASE):
        return None
    return drawing.understood(query)


def _picture(values: dict[str, Any], _knowledge: Knowledge) -> Found:
    return Found(
        f"a {values['color']} {values['shape']}, {drawing.WIDTH} by {drawing.HEIGHT} pixels",
        image=drawing.png(values["shape"], values["color"]),
    )


def _search_wanted(query: str) -> dict[str, Any] | None:
    plain = re.sub(
        r"^\s*(please\s+)?(search|look up|find)( in)?( the)?( manual)?( for)?\s+", "", query, flags=re.I
    )
    return {"query": plain} if words(plain) else None


def _search(values: dict[str, Any], knowledge: Knowledge) -> Found:
    hits = tuple(knowledge.search(values["query"]))
    if not hits:
        return Found("nothing found")
    passages = (f"{hit.segment.heading} ({hit.score:.2f}): {hit.segment.body}" for hit in hits)
    return Found("\n\n".join(passages), hits=hits)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("current_time", "Current Time", "\N{ALARM CLOCK}", _time_wanted, _time),
        Tool("calculate", "Calculator", "\N{ABACUS}", _sum_wanted, _sum),
        Tool("draw", "Draw", "\N{LOWER LEFT CRAYON}", _picture_wanted, _picture),
        Tool("search_manual", "Search the manual", "\N{BOOKS}", _search_wanted, _search),
    )
}
