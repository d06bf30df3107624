"""Prompt: what a language model is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from embedded.knowledge import Segment

SYSTEM = (
    "You answer questions in a chat console. Use the passages below where they help and say which one you "
    "used; where they do not, answer from what you know and say so. Answer in the language of the question, "
    "briefly, in Markdown."
)
LONGEST_TURN = 4000  # characters of an earlier question or answer


def messages(
    query: str,
    passages: Sequence[Segment],
    turns: Sequence[tuple[str, str]],
    inputs: Mapping[str, Any],
    given: str,
) -> list[dict[str, str]]:
    """Chat messages as the OpenAI API takes them: system, earlier turns, the question."""
    parts = [SYSTEM]
    parts += (f"Passage “{each.heading}” of {each.document}:\n{each.body}" for each in passages)
    filled = {name: value for name, value in inputs.items() if value is not None}
    if filled:
        parts.append(f"The person filled in a form: {filled}")
    if given:
        parts.append(given)
    found = [{"role": "system", "content": "\n\n".join(parts)}]
    for question, answer in turns:
        found.append({"role": "user", "content": question[:LONGEST_TURN]})
        found.append({"role": "assistant", "content": answer[:LONGEST_TURN]})
    return [*found, {"role": "user", "content": query}]
