"""Streamlit's own uploads (PUT /_stcore/upload_file/…), at the door.

It keeps what comes in this process's memory until the tab is over, as many files as are sent.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from routes.asking import FIRST
from services.identity import Identity, Role
from services.limits import TooMuch
from services.site import Site

PATH = "/_stcore/upload_file"


def refused(site: Site, identity: Identity | None, connection: HTTPConnection) -> Response | None:
    """What is said instead of taking it in; None for what may come."""
    if identity is None:
        return PlainTextResponse(FIRST[site.identities.mode], 403)
    if identity.role < Role.AGENT:
        return PlainTextResponse("Your role does not allow this.", 403)
    if connection.scope["method"] != "PUT":
        return None
    size = connection.headers.get("content-length", "")
    if not (size.isascii() and size.isdigit()):
        return PlainTextResponse("Say how long it is.", 411)
    try:
        site.meter.hold(identity.user, int(size))
    except TooMuch as limit:
        wait = {"Retry-After": str(limit.retry_after)}
        return PlainTextResponse("That is more than one person may bring within an hour.", 429, wait)
    return None
