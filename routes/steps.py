"""GET /turns/{key}/{turn}/steps/{kind}-{id}: what went into a step of a workflow run and what came out.

`{"parts": [{"name", "text", "size"}]}`: names as PARTS of services/step_details.py has them, `text` cut
at its LONGEST, `size` in characters before that. No parts where nothing is known of it.
"""

from __future__ import annotations

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from routes.asking import read_conversation, refusal
from services.database import StoreError
from services.step_details import PARTS

THREADS = CapacityLimiter(10)


async def details(request: Request) -> Response:
    site, _, conversation = await read_conversation(request)
    turn, profile = conversation.turn(request.path_params["turn"]), site.app_of(conversation).known
    if turn is None:
        raise HTTPException(404)
    if profile is not None and not profile.site.show_workflow_steps:
        return refusal("forbidden", "The app's maker keeps its steps out of sight.", 403)
    try:
        found = await run_sync(site.runs.details.of, turn.id, request.path_params["step"], limiter=THREADS)
    except StoreError:
        return refusal("store", "The database cannot be read.", 503)
    parts = [{"name": name, **found[name]} for name in PARTS if name in found and not turn.replaced]
    return JSONResponse({"parts": parts}, headers={"Cache-Control": "no-store"})
