"""JSONL: an object per line, with the texts as its values, or as the messages of a fine-tuning set."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.annotations import encodings
from services.annotations.sheet_error import BadSheet

LOOKED_AT = 100
"""Lines whose names become the columns."""


def columns(data: bytes, encoding: str) -> tuple[str, ...]:
    """The names in the first lines, in the order of their appearance. Raises BadSheet."""
    names: dict[str, None] = {}
    for _, (_, found) in zip(range(LOOKED_AT), _objects(data, encoding), strict=False):
        names |= dict.fromkeys(found)
    return tuple(names)


def rows(data: bytes, encoding: str, names: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """First the names, as row 0, then each line. Raises BadSheet."""
    yield 0, tuple(names)
    for number, found in _objects(data, encoding):
        yield number, tuple(_text(found.get(name)) for name in names)


def _objects(data: bytes, encoding: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    # Lines end at \n alone: other signs that Python takes for ends may stand inside a text.
    text = io.TextIOWrapper(io.BytesIO(data), encoding, encodings.errors(encoding), newline="\n")
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise BadSheet("not_json", row=number) from None
        if not isinstance(found, dict):
            raise BadSheet("not_an_object", row=number)
        yield number, _flat(found)


def _flat(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{"messages": [{"role": "user", "content": …}, {"role": "assistant", …}]}` as question and answer."""
    messages = found.get("messages")
    if not isinstance(messages, list):
        return found
    said = {m.get("role"): m.get("content") for m in reversed(messages) if isinstance(m, dict)}
    return {"question": said.get("user"), "answer": said.get("assistant")}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
