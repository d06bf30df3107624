"""An error answer, read: status and body to one of the Refused errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from services.dify.errors import (
    EndpointMissing,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Refused,
    ServerFailed,
    TooLarge,
    Unauthorized,
)
from services.dify.loose import mapping, text, whole

LONGEST_MESSAGE = 500
LONGEST_DETAIL = 8_000
LONGEST_WAIT = 1e9
BY_STATUS: Mapping[int, type[Refused]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
    429: RateLimited,
}


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refused:
    """The error that an answer of status ≥ 400 means; `headers` with lower-case names.

    Bodies: `{code, message, status}`, a restx `{message: {field: words}}`, HTML, or nothing (recordings 30_*
    to 36_*, 57_*, 60_suggested_not_uuid, 80_upload_txt_too_large). HTML is never passed on.
    """
    try:
        answer = mapping(json.loads(body))
    except (ValueError, RecursionError):
        answer = {}
    raw = answer.get("message")
    said = (
        "; ".join(f"{key}: {text(words)}" for key, words in raw.items())
        if isinstance(raw, dict)
        else text(raw)
    )
    code = text(answer.get("code")) or _own_name(status)
    kind = BY_STATUS.get(status) or (ServerFailed if status >= 500 else Invalid)
    if status == 404 and not answer and is_html(headers, body):
        kind, code = EndpointMissing, "endpoint_missing"
    if status == 400 and said.startswith("Too many requests"):
        kind, code = RateLimited, "too_many_requests"  # the documented code; the server says invalid_param
    return kind(
        code,
        shortened(said) or f"The server answered {status} {_phrase(status)}.",
        status,
        retry_after=seconds_to_wait(headers.get("retry-after")),
        detail=said[:LONGEST_DETAIL],
    )


def disguised(answer: object) -> Refused | None:
    """The error that hides behind a 200: an object of `code`, `message` and a `status` of 400 or more."""
    said = mapping(answer)
    status = whole(said.get("status"))
    if status is None or not 400 <= status <= 599 or not text(said.get("code")) or "message" not in said:
        return None
    return refusal(status, {}, json.dumps(answer).encode())


def is_html(headers: Mapping[str, str], body: bytes) -> bool:
    """By its type, or by its first character where a gateway named none."""
    return "html" in headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"


def shortened(message: str) -> str:
    """One line for people: pydantic dumps lose their input and links, 404s their "did you mean".

    `1 validation error for X\\nquery\\n  Field required [type=missing, …]\\n …` → `query: Field required`
    (recording 32_err_missing_query).
    """
    message = message.split(" You have requested this URI [", 1)[0]
    if re.match(r"\d+ validation errors? for ", message):
        found: list[str] = []
        place = ""
        for line in message.splitlines()[1:]:
            if not line.startswith(" "):
                place = line.strip()
            elif not line.startswith("    "):
                words = line.split(" [type=", 1)[0].strip().removeprefix("Value error, ")
                found.append(f"{place}: {words}" if place else words)
        message = "; ".join(found) or message.splitlines()[0]
    message = " ".join(message.split())
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"


def seconds_to_wait(header: str | None, now: datetime | None = None) -> float | None:
    """Retry-After as seconds or as an HTTP date; None if absent, negative or unreadable."""
    value = (header or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        return min(float(value), LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "error"


def _own_name(status: int) -> str:
    """`bad_gateway` for 502, and so on: for answers that bring no code."""
    return re.sub(r"\W+", "_", _phrase(status).lower())
