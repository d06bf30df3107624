"""Recorded exchanges with a real server, and what two exchanges may differ in without being different."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"


@dataclass(frozen=True)
class Exchange:
    """One case under tests/transcripts: the request as curl sent it, and the response."""

    case: str
    method: str
    path: str
    """With its query, from /v1 on."""
    headers: dict[str, str]
    content: bytes
    status: int
    response_headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @classmethod
    def read(cls, case: str) -> Exchange:
        folder = TRANSCRIPTS / case
        command = "".join(
            line for line in (folder / "request.txt").read_text().splitlines() if not line.startswith("#")
        )
        words = shlex.split(command)
        method, url, headers, content = "GET", "", {}, b""
        for option, value in zip(words, [*words[1:], ""], strict=True):
            if option == "-X":
                method = value
            elif option == "-H":
                name, _, text = value.partition(": ")
                headers[name] = text
            elif option == "--data-binary":
                content = value.encode()
            elif option.startswith("http"):
                url = option
        *_, head = (folder / "response.headers").read_text().strip().split("\n\n")  # after "100 Continue"
        head = head.splitlines()
        return cls(
            case=case,
            method=method,
            path=re.sub(r"^http://[^/]+", "", url),
            headers=headers,
            content=content,
            status=int(head[0].split()[1]),
            response_headers={
                name.lower(): text for name, _, text in (line.partition(": ") for line in head[1:]) if name
            },
            body=(folder / "response.body").read_bytes(),
        )

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def frames(stream: bytes) -> list[dict[str, Any]]:
    """The events of a stream whose every frame must be exactly `data: {…}\\n\\n` or a ping."""
    *parts, rest = stream.split(b"\n\n")
    assert rest == b"", f"the stream ends inside a frame: {rest!r}"
    events = []
    for part in parts:
        if part == b"event: ping":
            events.append({"event": "ping"})
            continue
        assert part.startswith(b"data: {"), part
        event = json.loads(part.removeprefix(b"data: "))
        compact = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        assert part.decode() == f"data: {compact}", "not compact, or escaped where it should be raw"
        events.append(event)
    return events


def shape(value: Any) -> Any:
    """Keys in their order and kinds of values: what stays when ids, times and texts are taken away.

    A list has the shape of its first item; an empty one and null fit anything (see `fits`).
    """
    match value:
        case dict():
            return [(key, shape(item)) for key, item in value.items()]
        case list():
            return ["list", shape(value[0])] if value else ["list"]
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case None:
            return None
        case _:
            return type(value).__name__


def fits(ours: Any, theirs: Any) -> bool:
    """Whether two shapes agree wherever both have something to say."""
    if ours is None or theirs is None:
        return True
    if isinstance(ours, list) and isinstance(theirs, list):
        if ours[:1] == ["list"] and theirs[:1] == ["list"]:
            return len(ours) == 1 or len(theirs) == 1 or fits(ours[1], theirs[1])
        return len(ours) == len(theirs) and all(
            a[0] == b[0] and fits(a[1], b[1]) for a, b in zip(ours, theirs, strict=True)
        )
    return bool(ours == theirs)
