"""What a reader does with an answer that is there.

GET /turns/{key}/{turn}/suggestions: questions that may follow it.
POST /turns/{key}/{turn}/rating, with a JSON body `{"rating": "like" | "dislike" | null, "content": "…"}`.
"""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from routes.asking import asked_conversation, json_body, refusal
from routes.lanes import Lanes
from services import afterwards
from services.dify.errors import DifyError
from services.identity import Denied
from services.outcome import Rating

LARGEST = 64_000
"""Bytes of a body."""
THREADS = Lanes(20)
"""Of their own: a Dify that hangs here must not hold up what needs no Dify."""


async def suggestions(request: Request) -> Response:
    site, _, conversation = await asked_conversation(request)
    app, turn = site.app_of(conversation), request.path_params["turn"]
    questions = await run_sync(afterwards.suggestions, app, conversation, turn, limiter=THREADS.of(app.slug))
    return JSONResponse({"questions": list(questions)}, headers={"Cache-Control": "no-store"})


async def rate(request: Request) -> Response:
    site, identity, conversation = await asked_conversation(request)
    try:
        rating = _rating(await json_body(request, LARGEST))
    except ValueError as error:
        return refusal("invalid_param", str(error), 400)
    app, turn = site.app_of(conversation), request.path_params["turn"]
    try:
        work = partial(afterwards.rate, site.store, identity, app, conversation, turn, rating)
        await run_sync(work, limiter=THREADS.of(app.slug))
    except afterwards.NoSuchAnswer:
        return refusal("not_found", "There is no such answer.", 404)
    except Denied as error:
        return refusal("forbidden", str(error), 403)
    except DifyError as error:
        return refusal(error.code, error.message, 502)
    return Response(status_code=204)


def _rating(body: object) -> Rating | None:
    match body:
        case {"rating": None}:
            return None
        case {"rating": ("like" | "dislike") as rating, "content": str(content)}:
            if len(content) > afterwards.LONGEST_REASON:
                raise ValueError(f"at most {afterwards.LONGEST_REASON} characters")
            return Rating(rating, content.encode("utf-8", "replace").decode())
        case _:
            raise ValueError("rating is like, dislike or null, and content a text")
