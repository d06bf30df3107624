"""A person's conversations as lists read and change them; every path takes `?app=<slug>`.

GET /conversations?sort=&after=&q=&since=&until= gives `{rows, after, reading, known}`, times in unix seconds.
GET /conversations/newest?known= gives `{rows, waiting, version}` as services.newest tells them; 204 where
`known` is the version.
GET /conversations/pending gives what waits to be deleted, as services.deletions tells it.
POST /conversations/delete and /undo take `{"ids": […]}`; POST /conversations/{id}/name `{"name": "…"}` or
`{"generate": true}`; POST /conversations/{id}/pin `{"pinned": true | false}`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import LARGEST, aside, plainly
from routes.asking import asked_site, json_body, moment
from services.apps import App
from services.history import SORTS, Query
from services.identity import Identity, Role
from services.site import Site
from services.store import StoreError

MOST = 10_000
"""Conversations deleted at once."""
LONGEST_INPUT = 200
"""Characters of an input that a row shows."""


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
    headers = {"Cache-Control": "no-store"}
    if found["version"] == request.query_params.get("known"):
        return Response(status_code=204, headers=headers)
    return JSONResponse(found, headers=headers)


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
    found = {"rows": beside.rows(identity, app), "waiting": beside.waiting(identity, app)}
    return found | {"version": hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]}


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


ROUTES = [
    Route("/conversations", listed),
    Route("/conversations/newest", newest),
    Route("/conversations/pending", pending),
    Route("/conversations/delete", delete, methods=["POST"]),
    Route("/conversations/undo", undo, methods=["POST"]),
    Route("/conversations/{id}/name", name, methods=["POST"]),
    Route("/conversations/{id}/pin", pin, methods=["POST"]),
]
