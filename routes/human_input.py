"""Answering the form that a paused answer waits for. Its token, which is all that Dify asks for, stays here.

POST /turns/{key}/{turn}/form, with a JSON body `{"form": id, "inputs": {name: value}, "action": id}`; a value
is a text, or for files a list of what the other route told of them.
POST /turns/{key}/{turn}/form/file?form=&input=&name=, with a file as its body: brings it to Dify, and tells
`{"id", "type", "name", "size"}`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from routes.asking import asked_conversation, json_body, whole_body
from routes.lanes import Lanes
from services import human_input
from services.apps import NotServed
from services.dify.errors import DifyError
from services.identity import Denied, Role
from services.runs import Busy
from services.uploads import Chosen

LARGEST = 1_000_000
"""Bytes of a body."""
LARGEST_FILE = 100 * 1024 * 1024
THREADS = Lanes(20)


async def submit(request: Request) -> Response:
    site, identity, conversation = await asked_conversation(request)
    try:
        form, inputs, action = _submission(await json_body(request, LARGEST))
    except ValueError as error:
        return _refusal("invalid_param", str(error), 400)
    app, turn = site.app_of(conversation), request.path_params["turn"]
    given = (site.runs, identity, app, conversation, turn, form, inputs, action)
    try:
        await run_sync(partial(human_input.submit, *given), limiter=THREADS.of(app.slug))
    except human_input.NoSuchForm:
        return _refusal("not_found", "There is no such form.", 404)
    except Denied as error:
        return _refusal("forbidden", str(error), 403)
    except ValueError as error:
        return _refusal("invalid_param", str(error), 400)
    except Busy:
        return _refusal("busy", "An answer is running.", 409)
    except DifyError as error:
        return _refusal(error.code, error.message, 502)
    return Response(status_code=204)


async def file(request: Request) -> Response:
    site, identity, conversation = await asked_conversation(request)
    form, name, called = (request.query_params.get(key, "") for key in ("form", "input", "name"))
    try:
        # Or nothing is read at all.
        identity.require(Role.AGENT)
        human_input.open_form(conversation, request.path_params["turn"], form)
        content = await whole_body(request, LARGEST_FILE)
    except Denied as error:
        return _refusal("forbidden", str(error), 403)
    except human_input.NoSuchForm:
        return _refusal("not_found", "There is no such form.", 404)
    except ValueError:
        return JSONResponse({"code": "size", "limit": LARGEST_FILE // 1024 // 1024}, 413)
    app, chosen = site.app_of(conversation), Chosen(called or "file", content)
    given = (identity, app, conversation, request.path_params["turn"], form, name, chosen, site.meter)
    try:
        there = await run_sync(
            partial(human_input.bring, *given), limiter=THREADS.of(site.app_of(conversation).slug)
        )
    except human_input.NoSuchForm:
        return _refusal("not_found", "There is no such form.", 404)
    except Denied as error:
        return _refusal("forbidden", str(error), 403)
    except human_input.Unsuitable as error:
        return JSONResponse({"code": error.unfit.code, "limit": error.unfit.limit}, 422)
    except (DifyError, NotServed) as error:
        return _refusal(getattr(error, "code", "unknown"), str(error), 502)
    return JSONResponse({"id": there.id, "type": there.type, "name": there.name, "size": there.size})


def _submission(body: object) -> tuple[str, dict[str, Any], str]:
    match body:
        case {"form": str(form), "inputs": dict(inputs), "action": str(action)}:
            return form, {str(name): _clean(value) for name, value in inputs.items()}, action
    raise ValueError("form and action are ids, and inputs an object")


def _clean(value: Any) -> Any:
    """Half of a surrogate pair is no text."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _refusal(code: str, message: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": message}, status)
