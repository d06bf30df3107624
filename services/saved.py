"""A Turn as the database keeps it: columns for what is searched, JSON for the rest."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from services.dify.form import HumanInput
from services.dify.parts import AnnotationReply, Citation, File, Thought, Usage
from services.dify.step import Step
from services.outcome import Failure, Rating, Timings
from services.rope import Rope
from services.turn import Turn

COLUMNS = frozenset({"id", "state", "query", "message_id", "asked_at"})
ELSEWHERE = frozenset({"text", "sound", "spoken"})
"""The answer is a column of its own; speech is not kept, since Dify speaks any message again."""
MANY = {
    "attachments": File,
    "thoughts": Thought,
    "steps": Step,
    "files": File,
    "forms": HumanInput,
    "citations": Citation,
}
ONE = {
    "usage": Usage,
    "annotation": AnnotationReply,
    "error": Failure,
    "timings": Timings,
    "rating": Rating,
}


def to_row(turn: Turn) -> dict[str, Any]:
    """All columns of `turns` but key and updated_at."""
    rest: dict[str, Any] = {}
    for name in REST:
        value = getattr(turn, name)
        if name in MANY:
            rest[name] = [asdict(part) for part in value]
        elif name in ONE:
            rest[name] = asdict(value) if value else None
        else:
            rest[name] = dict(value) if name == "inputs" else value
    return {
        "id": turn.id,
        "state": turn.state,
        "query": turn.query,
        "answer": turn.answer,
        "message_id": turn.message_id,
        "asked_at": turn.asked_at or 0.0,
        "rest": rest,
    }


def from_row(row: Any) -> Turn:
    """The Turn of a row of `turns`. Fields that a later version added or dropped are passed over."""
    known: dict[str, Any] = {name: row[name] for name in COLUMNS}
    for name, value in (row["rest"] or {}).items():
        if name in MANY:
            known[name] = tuple(_part(MANY[name], part) for part in value)
        elif name in ONE:
            if value:
                known[name] = _part(ONE[name], value)
        elif name in REST:
            known[name] = tuple(value) if isinstance(value, list) else value
    return Turn(text=Rope(row["answer"]), **known)


def _part(kind: type, data: dict[str, Any]) -> Any:
    names = {f.name for f in fields(kind)}
    listed = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items() if name in names}
    return kind(**listed)


REST = tuple(f.name for f in fields(Turn) if f.name not in COLUMNS | ELSEWHERE)
