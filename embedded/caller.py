"""Caller: whose key and which end user a request comes from, and its JSON body. Source: the API document's
"Authentication", recordings 30_*, 32_*, 59_user_*."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from embedded.app import App
from embedded.errors import Refused, broken, invalid
from embedded.personas import opened
from embedded.tables.end_users import ANONYMOUS

if TYPE_CHECKING:
    from embedded.backend import Backend

LONGEST_USER = 255
LARGEST_FORM = 101 * 1024 * 1024  # bytes; the largest file is a video of 100 MB
LARGEST_FIELD = 1024 * 1024  # bytes of a form's field that is no file


@dataclass(frozen=True, slots=True)
class Caller:
    """A request that holds a valid key. `given` is the `user` as sent, None if there was none."""

    backend: Backend
    app: App
    given: str | None
    base: str
    """The server's own address as the client wrote it, without a slash at the end."""
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

    def chatting(self) -> App:
        """The app. Raises Refused 400 if it is none to talk to."""
        if self.app.mode == "completion":
            message = "Please check if your app mode matches the right API route."
            raise Refused(400, "not_chat_app", message)
        return self.app


async def keyed(request: Request) -> Caller:
    """A GET request: the end user is in the query. Raises Refused 401."""
    backend, app = _opened(request)
    return Caller(backend, app, _user(request.query_params.get("user")), _base(request))


async def speaking(request: Request) -> Caller:
    """A request with a JSON body: the end user is in it. Raises Refused 401, 415 or 400."""
    backend, app = _opened(request)
    body = await _json(request)
    return Caller(backend, app, _user(body.get("user")), _base(request), body)


async def uploading(request: Request) -> tuple[Caller, FormData]:
    """A request with a multipart form: the end user is a field of it. Raises Refused 401, or 413 before
    any of the body is read."""
    backend, app = _opened(request)
    size = request.headers.get("content-length", "")
    if size.isdecimal() and int(size) > LARGEST_FORM:
        raise Refused(413, "file_too_large", "")
    try:
        form = await request.form(max_part_size=LARGEST_FIELD)
    except (HTTPException, ValueError):  # a body that is no form
        form = FormData()
    user = form.get("user")
    given = user if isinstance(user, str) else None
    return Caller(backend, app, _user(given), _base(request)), form


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _opened(request: Request) -> tuple[Backend, App]:
    header = request.headers.get("authorization", "")
    scheme, _, key = header.partition(" ")
    if not scheme or not key:
        raise Refused(401, "unauthorized", "Authorization header must be provided and start with 'Bearer'")
    if scheme.lower() != "bearer":
        raise Refused(401, "unauthorized", "Authorization scheme must be 'Bearer'")
    backend: Backend = request.app.state.backend
    app = opened(key.strip(), backend.api_key)
    if app is None:
        raise Refused(401, "unauthorized", "Access token is invalid")
    if not app.enabled:
        raise Refused(403, "forbidden", "The app's API service has been disabled.")
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
