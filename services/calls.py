"""An agent's thought as the calls it made: one for each tool, with its own part of input and observation.

Dify joins the names of several tools by ";" and puts their inputs and observations into JSON objects keyed
by tool name (recordings 52_agent_tool_time, 61_messages_*).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dify.loose import mapping
from services.dify.parts import Thought


@dataclass(frozen=True, slots=True)
class Call:
    tool: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the tool is called, by language (en_US, zh_Hans …)."""
    input: str = ""
    observation: str = ""


def calls(thought: Thought) -> tuple[Call, ...]:
    """In the order in which the server names them; none where the thought used no tool."""
    names = [name.strip() for name in thought.tool.split(";") if name.strip()]
    inputs = _by_tool(thought.tool_input, names)
    observations = _by_tool(thought.observation, names)
    found: list[Call] = []
    for place, name in enumerate(names):
        # One tool called twice: its key holds what came last.
        last = name not in names[place + 1 :]
        labels = mapping(thought.tool_labels.get(name))
        found.append(
            Call(
                name,
                {tongue: label for tongue, label in labels.items() if isinstance(label, str) and label},
                inputs.get(name, "") if last else "",
                observations.get(name, "") if last else "",
            )
        )
    return tuple(found)


def _by_tool(said: str, names: list[str]) -> dict[str, str]:
    """Each tool's part; what is not parted by tool belongs to the last one."""
    if not said or not names:
        return {}
    try:
        parts = json.loads(said)
    except (ValueError, RecursionError):
        parts = None
    if isinstance(parts, dict) and any(name in parts for name in names):
        return {name: _readable(parts[name]) for name in names if name in parts}
    return {names[-1]: said if parts is None else _readable(parts)}


def _readable(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value in (None, {}, []) else json.dumps(value, ensure_ascii=False, indent=2)
