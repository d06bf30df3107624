"""Bodies: JSON out, and JSON in, read within a size and a time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from services.dify.errors import Unintelligible, Unreachable
from services.dify.refusals import disguised, is_html

LARGEST = 64 * 1024 * 1024
LARGEST_REFUSAL = 64 * 1024


def clean(value: str) -> str:
    """Half of a surrogate pair has no UTF-8 and becomes "?": it must not stop a question."""
    return value.encode("utf-8", "replace").decode()


def encoded(body: Mapping[str, Any] | None) -> bytes | None:
    return None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def query(params: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The parameters that have a value; None for none at all, so that a URL keeps no bare "?"."""
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return {name: clean(v) if isinstance(v, str) else v for name, v in given.items()} or None


def read(response: httpx.Response, seconds: float) -> bytes:
    """The whole body, within a size and a time: the read time-out alone lets a slow drip go on for ever."""
    body = bytearray()
    until = time.monotonic() + seconds
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise Unintelligible("too_long", "The server's answer is too long.")
        if time.monotonic() > until:
            raise Unreachable("timed_out", "The server did not answer in time.")
    return bytes(body)


def read_refusal(response: httpx.Response) -> bytes:
    """The start of an error's body; nothing where it does not come: the status alone says enough."""
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_REFUSAL:
                break
    except httpx.HTTPError:
        return b""
    return bytes(body)


def decoded(response: httpx.Response, body: bytes) -> Any:
    """The JSON of a body, None for an empty one. Raises Unintelligible, or Refused for a disguised error."""
    if is_html(response.headers, body):
        raise Unintelligible("html_answer", "The server answered with a web page; the base URL may be wrong.")
    if not body.strip():
        return None
    try:
        answer = json.loads(body)
        if b"\\ud" in body.lower():
            answer = _whole_characters(answer)
    except (ValueError, RecursionError):
        raise Unintelligible("not_json", "The server's answer could not be read.") from None
    refused = disguised(answer)
    if refused:
        raise refused
    return answer


def _whole_characters(answer: Any) -> Any:
    """The answer without halves of surrogate pairs: neither UTF-8 nor a database takes them."""
    text = json.dumps(answer, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
