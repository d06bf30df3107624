"""Caller: whose key and which end user a request comes from, and its JSON body. Source: the API document's
"Authentication", recordings 30_*, 32_*, 59_user_*."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import Request

from embedded.errors import Refused, broken, invalid

if TYPE_CHECKING:
    from embedded.application import App
    from embedded.backend import Backend

ANONYMOUS = "DEFAULT-USER"  # whom a request without `user` speaks for, where `user` may be left out
LONGEST_USER = 255


@dataclass(frozen=True, slots=True)
class Caller:
    """A request that holds a valid key. `given` is the `user` as sent, None if there was none."""

    backend: Backend
    app: App
    given: str | None
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user(self) -> str:
        """The end user. Raises Refused 500 if it is too long to be kept (recording 59_user_256_chars)."""
        if self.given is None:
            return ANONYMOUS
        if len(self.given) > LONGEST_USER:
            raise broken()
        return self.given

    def named(self) -> str:
        """The end user, where leaving `user` out is refused."""
        if self.given is None:
            raise invalid("Arg user must be provided.")
        return self.user


async def keyed(request: Request) -> Caller:
    """A GET request: the end user is in the query. Raises Refused 401."""
    backend, app = _opened(request)
    return Caller(backend, app, _user(request.query_params.get("user")))


async def speaking(request: Request) -> Caller:
    """A request with a JSON body: the end user is in it. Raises Refused 401, 415 or 400."""
    backend, app = _opened(request)
    body = await _json(request)
    return Caller(backend, app, _user(body.get("user")), body)


def _opened(request: Request) -> tuple[Backend, App]:
    header = request.headers.get("authorization", "")
    scheme, _, key = header.partition(" ")
    if not scheme or not key:
        raise Refused(401, "unauthorized", "Authorization header must be provided and start with 'Bearer'")
    if scheme.lower() != "bearer":
        raise Refused(401, "unauthorized", "Authorization scheme must be 'Bearer'")
    backend: Backend = request.app.state.backend
    app = backend.app_of(key.strip())
    if app is None:
        raise Refused(401, "unauthorized", "Access token is invalid")
    return backend, app


def _user(value: object) -> str | None:
    return str(value) if value else None


async def _json(request: Request) -> Mapping[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Refused(
            415,
            "unsupported_media_type",
            "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
        )
    try:
        body = json.loads(await request.body())
        # Half a surrogate pair is legal in JSON, but is no text: it can be neither stored nor sent.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(
            400, "bad_request", "The browser (or proxy) sent a request that this server could not understand."
        )
    return body
