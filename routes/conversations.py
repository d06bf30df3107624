"""A person's conversations as lists read and change them; every path takes `?app=<slug>`.

GET /conversations?sort=&after=&q=&since=&until= gives `{rows, after, reading, known}`, times in unix seconds.
GET /conversations/newest gives `{rows, waiting}` as services.newest tells them.
GET /conversations/pending gives what waits to be deleted, as services.deletions tells it.
POST /conversations/delete and /undo take `{"ids": […]}`; POST /conversations/{id}/name `{"name": "…"}` or
`{"generate": true}`; POST /conversations/{id}/pin `{"pinned": true | false}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, TypeVar

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.asking import asked_site, json_body, refusal
from routes.lanes import Lanes
from services.apps import App
from services.dify.errors import DifyError, NotFound
from services.dify.loose import number
from services.history import SORTS, Query
from services.identity import Denied, Identity, Role
from services.naming import BadName
from services.site import Site
from services.store import StoreError

T = TypeVar("T")
THREADS = Lanes(20)
LARGEST = 1_000_000
"""Bytes of a body: ten thousand ids."""
MOST = 10_000
"""Conversations deleted at once."""
LONGEST_INPUT = 200
"""Characters of an input that a row shows."""
Endpoint = Callable[[Request], Awaitable[Response]]


def plainly(endpoint: Endpoint) -> Endpoint:
    """Refusals as `{code, message}`."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadName as error:
            return refusal(error.code, "", 400)
        except ValueError as error:
            return refusal("invalid_param", str(error), 400)
        except Denied as error:
            return refusal("forbidden", str(error), 403)
        except NotFound as error:
            return refusal(error.code, error.message, 404)
        except DifyError as error:
            return refusal(error.code, error.message, 502)
        except StoreError:
            return refusal("store", "", 503)

    return answered


async def aside(app: App, work: Callable[..., T], *arguments: Any) -> T:
    """In a thread, for it may block on the app's Dify."""
    return await run_sync(partial(work, *arguments), limiter=THREADS.of(app.slug))


@plainly
async def listed(request: Request) -> Response:
    site, identity, app = asked_site(request)
    asked = request.query_params
    query = asked_for(asked)
    page = await aside(app, _page, site, identity, app, query, asked.get("after") or None)
    return JSONResponse(page, headers={"Cache-Control": "no-store"})


@plainly
async def newest(request: Request) -> Response:
    site, identity, app = asked_site(request)
    found = await aside(app, _newest, site, identity, app)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


@plainly
async def pending(request: Request) -> Response:
    site, identity, app = asked_site(request)
    return JSONResponse(await aside(app, site.archive.deletions.waiting, app, identity.user))


@plainly
async def delete(request: Request) -> Response:
    site, identity, app = asked_site(request)
    ids = _ids(await json_body(request, LARGEST))
    return JSONResponse(await aside(app, _delete, site, identity, app, ids))


@plainly
async def undo(request: Request) -> Response:
    site, identity, app = asked_site(request)
    ids = _ids(await json_body(request, LARGEST))
    kept = await aside(app, site.archive.deletions.undo, identity, app, ids)
    return JSONResponse({"kept": kept})


@plainly
async def name(request: Request) -> Response:
    site, identity, app = asked_site(request)
    conversation_id = request.path_params["id"]
    naming = site.archive.naming
    match await json_body(request, LARGEST):
        case {"generate": True}:
            given = await aside(app, naming.generate, identity, app, conversation_id)
        case {"name": str(wanted)}:
            given = await aside(app, naming.rename, identity, app, conversation_id, wanted)
        case _:
            raise ValueError("name is a text")
    return JSONResponse({"name": given})


@plainly
async def pin(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"pinned": bool(pinned)}:
            await aside(app, _pin, site, identity, app, request.path_params["id"], pinned)
        case _:
            raise ValueError("pinned is true or false")
    return Response(status_code=204)


def asked_for(asked: Any) -> Query:
    """The query of a mapping of texts. Raises ValueError."""
    sort = asked.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise ValueError(f"sort is one of {', '.join(SORTS)}")
    return Query(
        sort, str(asked.get("q") or "")[:500], moment(asked.get("since")), moment(asked.get("until"))
    )


def _newest(site: Site, identity: Identity, app: App) -> dict[str, Any]:
    beside = site.archive.newest
    return {"rows": beside.rows(identity, app), "waiting": beside.waiting(identity, app)}


def _page(site: Site, identity: Identity, app: App, query: Query, after: str | None) -> dict[str, Any]:
    archive, user = site.archive, identity.user
    page = archive.history.page(identity, app, query, after)
    hidden = archive.deletions.hidden(app, user)
    running = site.directory.running(app, user)
    try:
        marks = archive.marks.of(app.slug, user)
        asked = archive.search.last_asked(app.slug, user, [row.id for row in page.rows])
    except StoreError:
        marks, asked = {}, {}
    rows = []
    for row in archive.naming.shown(app, user, page.rows):
        if row.id in hidden:
            continue
        found = page.snippets.get(row.id)
        rows.append(
            {
                "id": row.id,
                "name": row.name,
                "status": row.status,
                "asked": asked.get(row.id),
                "introduction": row.introduction[:LONGEST_INPUT],
                "inputs": {k: str(v)[:LONGEST_INPUT] for k, v in row.inputs.items() if v not in (None, "")},
                "created_at": row.created_at,
                "updated_at": row.updated_at,
                "running": row.id in running,
                "pinned": row.id in marks and marks[row.id].pinned_at is not None,
                "message": found[0] if found else None,
                "snippet": found[1] if found else None,
            }
        )
    return {"rows": rows, "after": page.after, "reading": page.reading, "known": page.known}


def _pin(site: Site, identity: Identity, app: App, conversation_id: str, pinned: bool) -> None:
    identity.require(Role.AGENT)
    site.archive.history.keep(app, identity.user, conversation_id)
    site.archive.marks.pin(app.slug, identity.user, conversation_id, pinned)


def _delete(site: Site, identity: Identity, app: App, ids: list[str]) -> dict[str, Any]:
    rows = site.archive.history.rows(app, identity.user, ids)
    named = site.archive.naming.shown(app, identity.user, rows)
    site.archive.deletions.request(identity, app, {row.id: row.name for row in named})
    return site.archive.deletions.waiting(app, identity.user)


def _ids(body: object) -> list[str]:
    match body:
        case {"ids": [*ids]} if 0 < len(ids) <= MOST and all(isinstance(each, str) and each for each in ids):
            return list(map(str, ids))
    raise ValueError(f"ids is a list of 1 to {MOST} texts")


def moment(given: Any) -> float | None:
    if given in (None, ""):
        return None
    seconds = number(given)
    if seconds is None or not -1e11 < seconds < 1e11:
        raise ValueError("a time is in unix seconds")
    return seconds


ROUTES = [
    Route("/conversations", listed),
    Route("/conversations/newest", newest),
    Route("/conversations/pending", pending),
    Route("/conversations/delete", delete, methods=["POST"]),
    Route("/conversations/undo", undo, methods=["POST"]),
    Route("/conversations/{id}/name", name, methods=["POST"]),
    Route("/conversations/{id}/pin", pin, methods=["POST"]),
]
