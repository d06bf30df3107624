"""JSON: `{"conversations": [{id, name, …, "messages": […], "variables": […]}, …]}`, all that is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from services.dify.parts import File
from services.exports.document import Document, moment, value
from services.turn import Turn


class JsonFile:
    media_type = "application/json"
    extension = "json"

    def __init__(self) -> None:
        self._first = True

    def head(self, _title: str) -> str:
        return '{"conversations": ['

    def one(self, document: Document) -> Iterator[str]:
        row = document.row
        known = {
            "id": row.id,
            "name": row.name,
            "status": row.status,
            "introduction": row.introduction,
            "inputs": dict(row.inputs),
            "created_at": moment(row.created_at) or None,
            "updated_at": moment(row.updated_at) or None,
            "problem": document.problem or None,
            "variables": [
                {"name": v.name, "value_type": v.value_type, "value": value(v), "description": v.description}
                for v in document.variables
            ],
        }
        yield ("\n" if self._first else ",\n") + _text(known)[:-1] + ', "messages": ['
        self._first = False
        for number, turn in enumerate(document.turns):
            yield (",\n" if number else "\n") + _text(_message(turn))
        yield "]}"

    def foot(self) -> str:
        return "\n]}\n"


def _message(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.message_id or None,
        "state": turn.state,
        "asked_at": moment(turn.asked_at) or None,
        "answered_at": moment(turn.answered_at) or None,
        "query": turn.query,
        "answer": turn.answer,
        "reasoning": turn.reasoning or None,
        "inputs": dict(turn.inputs),
        "files": [_file(file, "user") for file in turn.attachments]
        + [_file(file, "assistant") for file in turn.files],
        "citations": [asdict(citation) for citation in turn.citations],
        "thoughts": [asdict(thought) for thought in turn.thoughts],
        "steps": [asdict(step) for step in turn.steps],
        "feedback": asdict(turn.rating) if turn.rating else None,
        "annotation": asdict(turn.annotation) if turn.annotation else None,
        "usage": asdict(turn.usage) if turn.usage else None,
        "error": asdict(turn.error) if turn.error else None,
    }


def _file(file: File, belongs_to: str) -> dict[str, Any]:
    # Its address is signed and dead in five minutes: no use to a reader, some to a thief.
    return {**{k: v for k, v in asdict(file).items() if k != "url"}, "belongs_to": belongs_to}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
