"""GET /share/{token}: the copy that a link leads to, for whoever can reach this site. It names nobody."""

from __future__ import annotations

from html import escape

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.dify.records import Conversation
from services.exports.document import Document
from services.exports.html_page import HtmlPage
from services.site import Misconfigured, Site, current
from services.store import StoreError

ENDED = (
    "This link does not lead anywhere (any more). Links end after a time, or when whoever made them takes "
    "them back."
)
THREADS = CapacityLimiter(2)
"""A long conversation takes seconds to draw, and nobody has to sign in: whoever opens a link again and again
must not take what all other requests need."""
UNREADABLE = "This link cannot be opened now. Try again in a moment."


async def page(request: Request) -> Response:
    try:
        site = current()
    except Misconfigured as error:
        raise HTTPException(503, str(error)) from None
    try:
        html, status = await run_sync(_drawn, site, request.path_params["token"], limiter=THREADS)
    except StoreError:
        html, status = _words(UNREADABLE), 503
    return HTMLResponse(html, status, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})


def _drawn(site: Site, token: str) -> tuple[str, int]:
    share = site.archive.shares.opened(token)
    if share is None:
        return _words(ENDED), 404
    writer = HtmlPage()
    document = Document(Conversation("", share.title), share.turns)
    return writer.head(document.title) + "".join(writer.one(document)) + writer.foot(), 200


def _words(said: str) -> str:
    writer = HtmlPage()
    return f"{writer.head('Shared conversation')}<p>{escape(said)}</p>{writer.foot()}"
