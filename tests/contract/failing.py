"""A check for schemathesis: nothing makes the backend fail but what makes a real server fail."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import schemathesis

LONGEST = 255


@schemathesis.check
def fails_only_as_recorded(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A 500 is right for a user or a name beyond 255 characters (59_user_256_chars, 64_rename_long_name) and
    for an unknown action (93_reply_enable_bad_action)."""
    if response.status_code < 500:
        return
    given = _given(response)
    too_long = any(len(str(given.get(name, ""))) > LONGEST for name in ("user", "name"))
    action = unquote(urlsplit(response.request.url).path).partition("/annotation-reply/")[2]
    foreign = action and action not in {"enable", "disable"}
    assert response.status_code == 500 and (too_long or foreign), f"failed over {given}"


def _given(response: schemathesis.Response) -> dict[str, Any]:
    """The fields of a request's query and body; those of a form are not told apart."""
    fields: dict[str, Any] = {
        name: values[0] for name, values in parse_qs(urlsplit(response.request.url).query).items()
    }
    body = response.request.body or b""
    try:
        content = json.loads(body)
    except ValueError:
        content = {"user": body} if b'name="user"' in body else {}
    return {**fields, **content} if isinstance(content, dict) else fields
