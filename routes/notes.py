"""Private notes of the staff; every path takes `?app=<slug>`.

POST /notes takes `{user, id, message, text}`, POST /notes/{note} `{text, version}`; `/delete` and `/restore`
behind a note take it away and bring it back. They are read with their case (routes/work.py).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import LARGEST, aside
from routes.asking import asked_site, json_body
from routes.work import told, worked
from services.variable_log import Place


@worked
async def add_note(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"user": str(user), "id": str(conversation), "text": str(text), **more}:
            place, message = Place(app.slug, user or identity.user, conversation), more.get("message")
            words = (text, message if isinstance(message, str) else "")
            note = await aside(app, site.work.notes.add, identity, place, *words)
            return JSONResponse(told(note))
    raise ValueError("user, id and text")


@worked
async def edit_note(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"text": str(text), "version": int(version)}:
            known = (app.slug, request.path_params["note"], text, version)
            return JSONResponse(told(await aside(app, site.work.notes.edit, identity, *known)))
    raise ValueError("text and version")


@worked
async def delete_note(request: Request) -> Response:
    site, identity, app = asked_site(request)
    await aside(app, site.work.notes.delete, identity, app.slug, request.path_params["note"])
    return Response(status_code=204)


@worked
async def restore_note(request: Request) -> Response:
    site, identity, app = asked_site(request)
    note = await aside(app, site.work.notes.restore, identity, app.slug, request.path_params["note"])
    return JSONResponse(told(note))


ROUTES = [
    Route("/notes", add_note, methods=["POST"]),
    Route("/notes/{note}", edit_note, methods=["POST"]),
    Route("/notes/{note}/delete", delete_note, methods=["POST"]),
    Route("/notes/{note}/restore", restore_note, methods=["POST"]),
]
