"""One HTML page that needs nothing besides itself, to read, to send and to print."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from services import markdown
from services.dify.parts import Citation, File
from services.exports.document import Document, day, told, value
from services.turn import Turn

Picture = Callable[[File], str | None]
"""A `data:` address for an image, None where it cannot be had."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


class HtmlPage:
    media_type = "text/html; charset=utf-8"
    extension = "html"

    def __init__(self, picture: Picture = lambda _: None) -> None:
        self._picture = picture

    def head(self, title: str) -> str:
        return (
            '<!doctype html>\n<html><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n<main>\n"
        )

    def one(self, document: Document) -> Iterator[str]:
        row = document.row
        yield f'<section><h1 dir="auto">{escape(document.title)}</h1>'
        when = [f"begun {day(row.created_at)}" if row.created_at else ""]
        when.append(f"last changed {day(row.updated_at)}" if row.updated_at else "")
        meta = ", ".join(part for part in (document.app, *when) if part)
        yield f'<p class="meta">{escape(meta)}</p>\n'
        if document.problem:
            yield f'<p class="note">{escape(document.problem)}</p>'
        yield _table("Started with", [(name, _written(held)) for name, held in told(row.inputs)])
        for turn in document.turns:
            yield from self._turn(turn)
        yield _table(
            "Conversation variables",
            [(f"{v.name} ({v.value_type})", _written(value(v))) for v in document.variables],
        )
        yield "</section>\n"

    def foot(self) -> str:
        return "</main></body></html>\n"

    def _turn(self, turn: Turn) -> Iterator[str]:
        yield f'<article><div class="question" dir="auto">{escape(turn.query)}</div>'
        yield from self._files(turn.attachments)
        yield f'<p class="time">{escape(day(turn.asked_at))}</p>'
        yield f'<div class="answer" dir="auto">{markdown.html(turn.answer)}</div>'
        if turn.state != "complete":
            said = f": {turn.error.message}" if turn.error and turn.error.message else ""
            yield f'<p class="note">This answer is {turn.state}{escape(said)}</p>'
        yield from self._files(turn.files)
        yield _work(turn)
        yield _sources(turn.citations)
        if turn.rating:
            reason = f": {turn.rating.content}" if turn.rating.content else ""
            yield f'<p class="meta">Rated {turn.rating.rating}{escape(reason)}</p>'
        yield "</article>\n"

    def _files(self, files: Sequence[File]) -> Iterator[str]:
        for file in files:
            name = escape(file.name or file.type or "file")
            address = self._picture(file) if file.type == "image" else None
            if address:
                yield f'<figure><img src="{address}" alt="{name}"><figcaption>{name}</figcaption></figure>'
            else:
                yield f'<p class="meta">File: {name}</p>'


def _work(turn: Turn) -> str:
    lines = []
    for thought in turn.thoughts:
        if thought.thought:
            lines.append(f'<li dir="auto">{escape(thought.thought)}</li>')
        if thought.tool:
            did = f"{thought.tool}: {thought.tool_input} → {thought.observation}"
            lines.append(f'<li dir="auto">Used {escape(did)}</li>')
    return (
        f'<details open><summary>Thoughts</summary><ul class="parts">{"".join(lines)}</ul></details>'
        if lines
        else ""
    )


def _sources(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    lines = (
        f'<li dir="auto">{escape(c.document_name)}'
        f"{'' if c.score is None else f' (score {c.score:.2f})'}"
        f"{f'<blockquote>{escape(c.content)}</blockquote>' if c.content else ''}</li>"
        for c in citations
    )
    return _fold("Sources", "".join(lines))


def _fold(name: str, items: str) -> str:
    return f'<details open><summary>{name}</summary><ul class="parts">{items}</ul></details>'


def _table(name: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = (f'<tr><th scope="row">{escape(k)}</th><td dir="auto">{escape(v)}</td></tr>' for k, v in rows)
    return f'<table><caption class="meta">{name}</caption>{"".join(lines)}</table>\n'


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
