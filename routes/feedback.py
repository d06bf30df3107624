"""The feedback of an app as the list of curators reads and marks it; every path takes `?app=<slug>`.

GET /feedbacks?rating=&source=&handled=&q=&since=&until=&after= gives `{rows, after, found, known, complete,
reading, looking}`, times in unix seconds; `found` counts with the first page alone, `complete` says that all
was read once, `reading` that all is being read now, `looking` that at least the newest are.
POST /feedbacks/{id}/handled takes `{"handled": true | false}` and gives the row.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import aside, plainly
from routes.asking import asked_site, json_body, refusal
from services.apps import App
from services.feedback.query import Query, Row
from services.identity import Identity
from services.site import Site

LARGEST = 1_000
"""Bytes of a body."""
SHORT = 6
"""Characters of an id that a reader tells people apart by."""


@plainly
async def listed(request: Request) -> Response:
    site, identity, app = asked_site(request)
    asked = request.query_params
    query = Query.of(asked)
    page = await aside(app, _page, site, identity, app, query, asked.get("after") or None)
    return JSONResponse(page, headers={"Cache-Control": "no-store"})


@plainly
async def handled(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"handled": bool(wanted)}:
            row_id = request.path_params["id"]
            found = await aside(app, site.feedback.handle, identity, app, row_id, wanted)
        case _:
            raise ValueError("handled is true or false")
    return JSONResponse(_drawn(found, identity)) if found else refusal("taken_back", "", 404)


def _page(site: Site, identity: Identity, app: App, query: Query, after: str | None) -> dict[str, Any]:
    inbox = site.feedback
    standing = inbox.standing(identity, app, wait=query == Query() and not after)
    page = inbox.page(identity, app, query, after)
    return {
        "rows": [_drawn(row, identity) for row in page.rows],
        "after": page.after,
        "found": page.found,
        "known": standing.known,
        "complete": standing.complete_at > 0,
        "reading": standing.reading and standing.whole,
        "looking": standing.reading,
    }


def _drawn(row: Row, identity: Identity) -> dict[str, Any]:
    return {
        "id": row.id,
        "rating": row.rating,
        "content": row.content,
        "source": row.source,
        "who": row.name or row.user,
        "end_user": row.end_user_id[:SHORT],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "handled_at": row.handled_at or None,
        "handled_by": "" if row.handled_by == identity.user else row.handled_by.rpartition("-")[2][:SHORT],
    }


ROUTES = [
    Route("/feedbacks", listed),
    Route("/feedbacks/{id}/handled", handled, methods=["POST"]),
]
