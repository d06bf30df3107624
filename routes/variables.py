"""GET /turns/{key}/{turn}/variables: what an answer changed in the conversation's variables.

`{"changes": [{"name", "type", "secret", "lines"}]}`: lines as Difference.lines has them; of a secret none.
"""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from routes.asking import read_conversation
from services.database import StoreError
from services.variable_states import Difference
from services.variable_watch import place_of

THREADS = CapacityLimiter(10)


async def changes(request: Request) -> Response:
    site, _, conversation = await read_conversation(request)
    place, turn = place_of(conversation), request.path_params["turn"]
    try:
        found = await run_sync(site.variable_log.of_turn, place, turn, limiter=THREADS)
    except StoreError:
        return JSONResponse({"code": "store", "message": "The database cannot be read."}, 503)
    return JSONResponse({"changes": [_change(each) for each in found]}, headers={"Cache-Control": "no-store"})


def _change(difference: Difference) -> dict[str, Any]:
    kept = difference.either
    return {
        "name": kept.name,
        "type": kept.value_type,
        "secret": difference.secret,
        "lines": list(difference.lines),
    }
