"""Saved views of the list of work; every path takes `?app=<slug>`.

POST /views takes `{name, filters, shared}`; `/delete` and `/restore` behind a view take it away and bring it
back. They are read with the list (routes/work.py).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import LARGEST, aside
from routes.asking import asked_site, json_body
from routes.work import told, worked
from services.identity import Identity
from services.site import Site
from services.work.case import Filters
from services.work.views import View


@worked
async def save_view(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"name": str(name), "filters": dict(filters), "shared": bool(shared)}:
            kept = Filters.of(filters)
            f"{kept.text}{kept.tag}{kept.assignee}".encode()  # raises ValueError for what no list could tell
            known = (identity, app.slug, name, kept)
            return JSONResponse(told(await aside(app, _save, site, known, shared)))
    raise ValueError("name, filters and shared")


@worked
async def delete_view(request: Request) -> Response:
    site, identity, app = asked_site(request)
    await aside(app, site.work.views.delete, identity, app.slug, request.path_params["view"])
    return Response(status_code=204)


@worked
async def restore_view(request: Request) -> Response:
    site, identity, app = asked_site(request)
    await aside(app, site.work.views.restore, identity, app.slug, request.path_params["view"])
    return Response(status_code=204)


def _save(site: Site, known: tuple[Identity, str, str, Filters], shared: bool) -> View:
    return site.work.views.save(*known, shared=shared)


ROUTES = [
    Route("/views", save_view, methods=["POST"]),
    Route("/views/{view}/delete", delete_view, methods=["POST"]),
    Route("/views/{view}/restore", restore_view, methods=["POST"]),
]
