"""Ready prompts, as the composer's chooser reads and keeps them; every path takes `?app=<slug>`.

GET /prompts gives `{prompts, name, me, may}`; POST /prompts takes `{title, text, shared}`, POST /prompts/{id}
the same with `version`; POST /prompts/{id}/filled takes `{values}` and gives `{text}`.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes.answering import LARGEST, aside
from routes.asking import asked_site, json_body
from routes.work import told, worked
from services.identity import Identity, Role
from services.site import Site
from services.work.prompts import Prompt

HIGHEST = 2**31 - 1
"""Version that a database can count to."""


@worked
async def listed(request: Request) -> Response:
    site, identity, app = asked_site(request)
    found = await aside(app, site.work.prompts.of, identity, app.slug)
    known = {"name": identity.name, "me": identity.user, "may": {"share": identity.role >= Role.CURATOR}}
    page = {"prompts": [told(prompt) for prompt in found], **known}
    return JSONResponse(page, headers={"Cache-Control": "no-store"})


@worked
async def make(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"title": str(title), "text": str(text), "shared": bool(shared)}:
            return JSONResponse(told(await aside(app, _made, site, identity, app.slug, title, text, shared)))
    raise ValueError("title, text and shared")


@worked
async def change(request: Request) -> Response:
    site, identity, app = asked_site(request)
    prompt_id = request.path_params["prompt"]
    match await json_body(request, LARGEST):
        case {"title": str(title), "text": str(text), "shared": bool(shared), "version": int(version)} if (
            0 < version <= HIGHEST
        ):
            what = (title, text, shared, prompt_id, version)
            return JSONResponse(told(await aside(app, _changed, site, identity, app.slug, what)))
    raise ValueError("title, text, shared and version")


@worked
async def filled(request: Request) -> Response:
    site, identity, app = asked_site(request)
    match await json_body(request, LARGEST):
        case {"values": dict(values)} if all(isinstance(value, str) for value in values.values()):
            known = (app.slug, request.path_params["prompt"], values)
            return JSONResponse({"text": await aside(app, site.work.prompts.filled, identity, *known)})
    raise ValueError("values are texts by name")


@worked
async def delete(request: Request) -> Response:
    site, identity, app = asked_site(request)
    await aside(app, site.work.prompts.delete, identity, app.slug, request.path_params["prompt"])
    return Response(status_code=204)


@worked
async def restore(request: Request) -> Response:
    site, identity, app = asked_site(request)
    await aside(app, site.work.prompts.restore, identity, app.slug, request.path_params["prompt"])
    return Response(status_code=204)


def _made(site: Site, identity: Identity, app: str, title: str, text: str, shared: bool) -> Prompt:
    return site.work.prompts.make(identity, app, title, text, shared=shared)


def _changed(site: Site, identity: Identity, app: str, what: tuple[Any, ...]) -> Prompt:
    title, text, shared, prompt_id, version = what
    return site.work.prompts.change(identity, app, prompt_id, version, title, text, shared=shared)


ROUTES = [
    Route("/prompts", listed),
    Route("/prompts", make, methods=["POST"]),
    Route("/prompts/{prompt}", change, methods=["POST"]),
    Route("/prompts/{prompt}/filled", filled, methods=["POST"]),
    Route("/prompts/{prompt}/delete", delete, methods=["POST"]),
    Route("/prompts/{prompt}/restore", restore, methods=["POST"]),
]
