"""Who sends a request to a route, and which conversation it may therefore see."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from services.apps import App, NoSuchApp
from services.conversations import Conversation
from services.dify.loose import number
from services.directory import NotTheirs
from services.identity import Identities, Identity, Mode, cookies_in, told_once
from services.site import Misconfigured, Site, current

SIGN_IN = "Sign in first: open the site's first page, sign in there, and then come back to this address."
FIRST: Mapping[Mode, str] = {
    "open": "Open the site's first page, let it keep its cookie, and then come back to this address.",
    "accounts": SIGN_IN,
    "oidc": SIGN_IN,
    "proxy": "Nobody has signed in. Open the site by the address of the proxy that signs people in; "
    "if you did, ask an administrator.",
}
"""What to do, for whom no route knows."""


def identity_of(connection: HTTPConnection, identities: Identities) -> Identity | None:
    """From the request itself, each time: nothing is remembered of earlier ones."""
    return identities.of(
        cookies_of(connection), told_once(connection.headers.items()), address_of(connection)
    )


def address_of(connection: HTTPConnection) -> str | None:
    """Where it comes from: the socket's address, or the one that a proxy on this machine tells of.

    With AUTH=proxy always the socket's own (peers.py)."""
    return connection.client.host if connection.client else None


def cookies_of(connection: HTTPConnection) -> dict[str, str]:
    return cookies_in(connection.headers.getlist("cookie"))


def known_by(connection: HTTPConnection) -> tuple[Site, Identity | None] | None:
    """The site, and who is behind a connection; None where there is no site."""
    try:
        site = current()
    except Misconfigured:
        return None
    return site, identity_of(connection, site.identities)


async def asked_conversation(request: Request) -> tuple[Site, Identity, Conversation]:
    """The site, who asks, and the conversation of `{key}`.

    Raises 404 for anything not theirs, and as `asked_site`.
    """
    site, identity = asked_by(request)
    try:
        # The store may have to be asked, and a database can block.
        conversation = await run_in_threadpool(site.directory.of, identity, request.path_params["key"])
        site.app(identity, conversation.app)
    except (NotTheirs, NoSuchApp):
        raise HTTPException(404) from None
    return site, identity, conversation


async def read_conversation(request: Request) -> tuple[Site, Identity, Conversation]:
    """The same for a route that only reads: `{key}` may also be that of a look at somebody else's."""
    site, identity = asked_by(request)
    try:
        conversation = site.looks.of(identity, request.path_params["key"])
        site.app(identity, conversation.app)
    except (NotTheirs, NoSuchApp):
        return await asked_conversation(request)
    return site, identity, conversation


def asked_site(request: Request) -> tuple[Site, Identity, App]:
    """The site, who asks, and the app of `?app=`, their first one without it.

    Refused as by asked_by, and 404 where there is no such app for this person.
    """
    site, identity = asked_by(request)
    return site, identity, asked_app(site, identity, request.query_params.get("app"))


def asked_app(site: Site, identity: Identity, slug: str | None) -> App:
    """The app of a slug, the person's first one without it; 404 where there is none for them."""
    try:
        return site.app(identity, slug)
    except NoSuchApp:
        raise HTTPException(404) from None


def asked_by(request: Request) -> tuple[Site, Identity]:
    """The site and who asks. Raises 401 where nobody has signed in, 403 for a browser without our cookie."""
    try:
        site = current()
    except Misconfigured as error:
        raise HTTPException(503, str(error)) from None
    identity = identity_of(request, site.identities)
    if identity is None:
        raise HTTPException(403 if site.identities.mode == "open" else 401, FIRST[site.identities.mode])
    return site, identity


async def json_body(request: Request, largest: int) -> object:
    """Raises ValueError for what is longer than `largest` bytes or no JSON."""
    try:
        return json.loads(await whole_body(request, largest))
    except (ValueError, RecursionError):
        raise ValueError("not JSON, or too long") from None


async def whole_body(request: Request, largest: int) -> bytes:
    """Raises ValueError for what is longer than `largest` bytes."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > largest:
            raise ValueError("too long")
    return bytes(raw)


def moment(given: object) -> float | None:
    """Unix seconds of a parameter; None where there is none. Raises ValueError."""
    if given in (None, ""):
        return None
    seconds = number(given)
    if seconds is None or not -1e11 < seconds < 1e11:
        raise ValueError("a time is in unix seconds")
    return seconds


def refusal(code: str, message: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": message}, status)
