"""POST /turns/{key}/{turn}/form, with a JSON body `{"form": id, "inputs": {name: text}, "action": id}`.

Answers the form that a paused answer waits for. Its token, which is all that Dify asks for, stays here.
"""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from routes.asking import asked_conversation, json_body
from routes.lanes import Lanes
from services import human_input
from services.dify.errors import DifyError
from services.identity import Denied
from services.runs import Busy

LARGEST = 1_000_000
"""Bytes of a body."""
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
    except Busy:
        return _refusal("busy", "An answer is running.", 409)
    except DifyError as error:
        return _refusal(error.code, error.message, 502)
    return Response(status_code=204)


def _submission(body: object) -> tuple[str, dict[str, str], str]:
    match body:
        case {"form": str(form), "inputs": dict(inputs), "action": str(action)}:
            if all(isinstance(value, str) for value in inputs.values()):
                clean = {str(k): v.encode("utf-8", "replace").decode() for k, v in inputs.items()}
                return form, clean, action
    raise ValueError("form and action are ids, and inputs an object of texts")


def _refusal(code: str, message: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": message}, status)
