"""Markdown: questions as quotes, answers as the app wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from services.exports.document import Document, moment, told, value
from services.markdown import escaped
from services.turn import Turn


class MarkdownFile:
    media_type = "text/markdown; charset=utf-8"
    extension = "md"

    def head(self, _title: str) -> str:
        return ""

    def one(self, document: Document) -> Iterator[str]:
        row = document.row
        yield f"# {escaped(document.title)}\n\n"
        begun, changed = moment(row.created_at), moment(row.updated_at)
        yield f"Conversation {row.id}, begun {begun}, last changed {changed}\n\n"
        if document.problem:
            yield f"**{escaped(document.problem)}**\n\n"
        held = [f"- {escaped(name)}: {_written(known)}\n" for name, known in told(row.inputs)]
        if held:
            yield "Started with:\n\n" + "".join(held) + "\n"
        for turn in document.turns:
            yield from _turn(turn, document.app or "Answer")
        if document.variables:
            yield "## Conversation variables\n\n"
            for variable in document.variables:
                yield f"- {escaped(variable.name)} ({variable.value_type}): {_written(value(variable))}\n"
            yield "\n"
        yield "---\n\n"

    def foot(self) -> str:
        return ""


def _turn(turn: Turn, app: str) -> Iterator[str]:
    yield f"## Question, {moment(turn.asked_at)}\n\n{_quoted(turn.query)}\n\n"
    for file in turn.attachments:
        yield f"- Attached file: {escaped(file.name or file.type or file.id)}\n"
    yield f"\n## {escaped(app)}, {moment(turn.answered_at)}\n\n{turn.answer.rstrip()}\n\n"
    if turn.state != "complete":
        said = f": {escaped(turn.error.message)}" if turn.error and turn.error.message else ""
        yield f"*This answer is {turn.state}{said}*\n\n"
    for thought in turn.thoughts:
        yield f"- Thought: {escaped(thought.thought)}\n" if thought.thought else ""
        if thought.tool:
            used = f"{_written(thought.tool_input)} → {_written(thought.observation)}"
            yield f"- Used {escaped(thought.tool)}: {used}\n"
    for file in turn.files:
        yield f"- File: {escaped(file.name or file.type or file.id)}\n"
    for source in turn.citations:
        score = "" if source.score is None else f", score {source.score:.2f}"
        yield f"- Source {source.position}: {escaped(source.document_name)}{score}\n"
        yield f"{_quoted(source.content, '  > ')}\n" if source.content else ""
    if turn.rating:
        reason = f": {escaped(turn.rating.content)}" if turn.rating.content else ""
        yield f"- Rated {turn.rating.rating}{reason}\n"
    yield "\n"


def _quoted(text: str, mark: str = "> ") -> str:
    return "\n".join(mark + line for line in text.splitlines() or [""])


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escaped(" ".join(text.split()))
