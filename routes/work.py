"""The work on conversations, as lists and panels read and change it; every path takes `?app=<slug>`.

GET /cases?text=&status=&assignee=&tag=&days=&after= gives `{rows, after}`, and without `after` also
`{staff, tags, views, me, may}`. GET /cases/one?user=&id= gives `{case, notes, staff, tags, me}`.
POST /cases/change takes `{"cases": [{user, id}], status?, assignee?, add?, remove?, seen?}` and gives
`{undo, rows}`; POST /cases/undo takes `{"undo": …}`. POST /cases/export takes `{cases, format, mask}`
and gives `{"token": …}`, for routes/export.py.
What somebody else has changed meanwhile is answered with 409 and `{code: "meanwhile", now}`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial, wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import LARGEST, Endpoint, aside, plainly
from routes.asking import asked_site, json_body, refusal
from services.apps import App
from services.identity import Identity, Role
from services.site import Site
from services.variable_log import Place
from services.work.case import Case, Change, Filters, Meanwhile, Seen
from services.work.notes import Note
from services.work.prompts import Prompt
from services.work.reading import After
from services.work.views import View


def worked(endpoint: Endpoint) -> Endpoint:
    """Refusals as `{code, message}`, and what is there instead of what was to be changed."""

    @plainly
    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Meanwhile as meanwhile:
            return JSONResponse({"code": "meanwhile", "message": "", "now": told(meanwhile.now)}, 409)
        except LookupError:
            return refusal("not_found", "", 404)

    return answered


@worked
async def listed(request: Request) -> Response:
    site, identity, app = asked_site(request)
    asked = request.query_params
    filters, after = Filters.of(asked), _after(asked.get("after"))
    page = await aside(app, _page, site, identity, app, filters, after)
    return JSONResponse(page, headers={"Cache-Control": "no-store"})


@worked
async def one(request: Request) -> Response:
    site, identity, app = asked_site(request)
    place = Place(app.slug, request.query_params.get("user") or identity.user, request.query_params["id"])
    found = await aside(app, _one, site, identity, place)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


@worked
async def change(request: Request) -> Response:
    site, identity, app = asked_site(request)
    body = await json_body(request, LARGEST)
    if not isinstance(body, dict):
        raise ValueError("an object")
    wanted = Change(
        _word(body, "status"), _word(body, "assignee"), _words(body, "add"), _words(body, "remove")
    )
    seen = body.get("seen")
    was = Seen(_word(seen, "status"), _word(seen, "assignee")) if isinstance(seen, dict) else None
    places = _places(app, identity, body.get("cases"))
    done = await aside(app, site.work.cases.change, identity, places, wanted, was)
    return JSONResponse({"undo": done.token, "rows": [told(case) for case in done.cases]})


@worked
async def undo(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"undo": str(token)}:
            back, kept = await aside(app, site.work.cases.undo, identity, token)
            return JSONResponse({"back": back, "kept": kept})
    raise ValueError("undo is a text")


@worked
async def export(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"cases": list(named), "format": str(kind), **rest}:
            places = _places(app, identity, named)
            request_of = partial(site.work.exports.request, mask=rest.get("mask") is True)
            job = await aside(app, request_of, identity, app, places, kind)
            return JSONResponse({"token": job.token})
    raise ValueError("cases and format")


def told(known: Case | Note | View | Prompt) -> dict[str, Any]:
    """As a browser reads it."""
    match known:
        case Case():
            said = _said(known, "title", "status", "assignee", "notes")
            place = {"user": known.place.user, "id": known.place.conversation_id}
            return said | place | {"at": known.changed_at, "tags": list(known.tags)}
        case Note():
            return _said(known, "id", "message_id", "author", "author_name", "text", "created_at", "version")
        case View():
            return _said(known, "id", "name", "shared", "mine") | {"filters": known.filters.said}
        case Prompt():
            said = _said(known, "id", "title", "text", "shared", "version", "owner")
            return said | {"variables": list(known.variables)}


def _said(known: object, *names: str) -> dict[str, Any]:
    return {name: getattr(known, name) for name in names}


def _page(site: Site, identity: Identity, app: App, filters: Filters, after: After | None) -> dict[str, Any]:
    work = site.work
    rows, end = work.page(identity, app, filters, after)
    page: dict[str, Any] = {"rows": [told(row) for row in rows], "after": json.dumps(end) if end else None}
    if after is None:
        page |= _around(site, identity, app.slug)
        page["views"] = [told(view) for view in work.views.of(identity, app.slug)]
        page["may"] = {"share": identity.role >= Role.CURATOR, "look": work.reach.everybody(identity)}
    return page


def _one(site: Site, identity: Identity, place: Place) -> dict[str, Any]:
    work = site.work
    case = work.cases.one(identity, place) or Case(place)
    if place.user != identity.user:
        work.named.look_up(identity, place)
    notes = [told(note) for note in work.notes.of(identity, place)]
    return {"case": told(case), "notes": notes} | _around(site, identity, place.app)


def _around(site: Site, identity: Identity, app: str) -> dict[str, Any]:
    """Who may be named, and by which tags; whoever asks is one of the staff from now on."""
    site.work.staff.met(identity)
    staff = [{"user": person.user, "name": person.name} for person in site.work.staff.people()]
    return {"staff": staff, "tags": site.work.listed.tags(identity, app), "me": identity.user}


def _places(app: App, identity: Identity, named: object) -> Sequence[Place]:
    places: list[Place] = []
    for each in named if isinstance(named, list) else []:
        match each:
            case {"user": str(user), "id": str(conversation)} if (
                conversation and "\0" not in conversation + user
            ):
                places.append(Place(app.slug, user or identity.user, conversation))
            case _:
                raise ValueError("cases are named by user and id")
    return places


def _word(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"{name} is a text")


def _words(body: dict[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name, [])
    if isinstance(value, list) and len(value) <= 100 and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ValueError(f"{name} is a list of texts")


def _after(text: str | None) -> After | None:
    """Raises ValueError."""
    if not text:
        return None
    try:
        match json.loads(text):
            case [float() | int() as at, str(user), str(conversation)]:
                return After(float(at), user, conversation)
    except (OverflowError, RecursionError):
        pass  # a number or a nesting beyond all bounds
    raise ValueError("after is what a page gave")


ROUTES = [
    Route("/cases", listed),
    Route("/cases/one", one),
    Route("/cases/change", change, methods=["POST"]),
    Route("/cases/undo", undo, methods=["POST"]),
    Route("/cases/export", export, methods=["POST"]),
]
