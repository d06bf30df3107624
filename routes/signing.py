"""Signing in, out, and changing one's password: plain forms, which need no script and no websocket.

GET and POST /signin?next=, GET and POST /password, POST /signout with `everywhere=1` or without. Where people
do not sign in by local accounts there are no such pages (404).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from routes import signing_page as page
from routes.asking import address_of, cookies_of
from services.accounts.attempts import TooMany
from services.accounts.book import Accounts, Weak, Wrong
from services.accounts.sessions import COOKIE, LONGEST, SECURE_COOKIE, SignedIn
from services.identities.accounts import LocalAccounts
from services.site import Misconfigured, current
from services.store import StoreError

T = TypeVar("T")
LARGEST = 8_000
"""Bytes of a form."""
HASHING = CapacityLimiter(2)
"""Each check of a password takes 64 MB for a tenth of a second."""
NO_STORE = {"Cache-Control": "no-store"}


async def sign_in(request: Request) -> Response:
    book = _book()
    wanted = local(request.query_params.get("next", ""))
    here = await _signed_in(request, book)
    if request.method != "POST":
        if here and not here.must_change:
            return _to(wanted)
        try:
            empty = await run_in_threadpool(lambda: book.empty)
        except StoreError:
            return _drawn(page.signing_in(wanted, page.UNREADABLE), 503)
        return _drawn(page.signing_in(wanted, page.NO_ACCOUNTS if empty else ""))
    form = await _form(request)
    name, wanted = form("name"), local(form("next"))
    try:
        secure = _secure(request)
        token = await _hashing(book.sign_in, name, form("password"), address_of(request), secure=secure)
        if here:  # what this browser was before ends with it
            await run_in_threadpool(book.sign_out, here)
        found = await run_in_threadpool(book.sessions.of, _cookie(request, token))
    except Wrong:
        return _drawn(page.signing_in(wanted, page.WRONG, name), 401)
    except TooMany as error:
        return _wait(page.signing_in(wanted, page.wait(error.seconds), name), error)
    except StoreError:
        return _drawn(page.signing_in(wanted, page.UNREADABLE, name), 503)
    first = found is not None and found.must_change
    return _with_cookie(request, _to(f"/password?next={quote(wanted, safe='')}" if first else wanted), token)


async def password(request: Request) -> Response:
    book = _book()
    here = await _signed_in(request, book)
    wanted = local(request.query_params.get("next", ""))
    if here is None:
        return _to(f"/signin?next={quote(wanted, safe='')}")
    if request.method != "POST":
        return _drawn(page.new_password(here, wanted))
    form = await _form(request)
    wanted, new = local(form("next")), form("new")
    if new != form("again"):
        return _drawn(page.new_password(here, wanted, page.DIFFERENT), 400)
    try:
        change = partial(book.change_password, here, form("current"), new, address_of(request))
        token = await _hashing(change, secure=_secure(request))
    except Weak as error:
        return _drawn(page.new_password(here, wanted, page.WEAK[error.code]), 400)
    except Wrong:
        return _drawn(page.new_password(here, wanted, page.WRONG_CURRENT), 401)
    except TooMany as error:
        return _wait(page.new_password(here, wanted, page.wait(error.seconds)), error)
    except StoreError:
        return _drawn(page.new_password(here, wanted, page.UNREADABLE), 503)
    return _with_cookie(request, _to(wanted), token)


async def sign_out(request: Request) -> Response:
    """Also where nobody is signed in (any more): the browser has no cookie afterwards."""
    book = _book()
    here = await _signed_in(request, book)
    everywhere = (await _form(request))("everywhere")
    try:
        if here:
            await run_in_threadpool(partial(book.sign_out, here, everywhere=bool(everywhere)))
    except StoreError:
        return _drawn(page.signing_in("/", page.UNREADABLE), 503)
    answer = _to("/signin")
    for name, ending in ((COOKIE, ""), (SECURE_COOKIE, "; Secure")):
        answer.headers.append("Set-Cookie", f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{ending}")
    return answer


def local(path: str) -> str:
    """A path of this site to go on to; its root for everything that leads elsewhere."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    here = path.startswith("/") and not (parts.scheme or parts.netloc or "\\" in path)
    readable = path.isascii() and path.isprintable()
    return path if here and readable and not path.startswith(("//", "/signin", "/signout")) else "/"


def _book() -> Accounts:
    try:
        identities = current().identities
    except Misconfigured as error:
        raise HTTPException(503, str(error)) from None
    if not isinstance(identities, LocalAccounts):
        raise HTTPException(404)
    return identities.book


async def _signed_in(request: Request, book: Accounts) -> SignedIn | None:
    return await run_in_threadpool(book.sessions.of, cookies_of(request))


async def _form(request: Request) -> Callable[[str], str]:
    """The fields of the form by name; empty for one that is not there."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > LARGEST:
            raise HTTPException(413)
    try:
        fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        raise HTTPException(400) from None
    return lambda name: fields.get(name, [""])[0]


async def _hashing(work: Callable[..., T], *arguments: object, secure: bool) -> T:
    return await run_sync(partial(work, *arguments, secure=secure), limiter=HASHING)


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie(request: Request, token: str) -> dict[str, str]:
    return {SECURE_COOKIE if _secure(request) else COOKIE: token}


def _with_cookie(request: Request, answer: Response, token: str) -> Response:
    ((name, value),) = _cookie(request, token).items()
    ending = "; Secure" if _secure(request) else ""
    kept = f"{name}={value}; Path=/; Max-Age={LONGEST:.0f}; HttpOnly; SameSite=Lax{ending}"
    answer.headers.append("Set-Cookie", kept)
    return answer


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, NO_STORE)


def _drawn(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, NO_STORE)


def _wait(html: str, error: TooMany) -> Response:
    return HTMLResponse(html, 429, {**NO_STORE, "Retry-After": f"{error.seconds + 1:.0f}"})


ROUTES = [
    Route("/signin", sign_in, methods=["GET", "POST"]),
    Route("/password", password, methods=["GET", "POST"]),
    Route("/signout", sign_out, methods=["POST"]),
]
