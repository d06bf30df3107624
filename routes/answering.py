"""How routes answer: what blocks aside of the others, and refusals as `{code, message}`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, TypeVar

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from routes.asking import refusal
from routes.lanes import Lanes
from services.apps import App
from services.dify.errors import DifyError, NotFound
from services.identity import Denied
from services.naming import BadName
from services.store import StoreError

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]
THREADS = Lanes(20)
LARGEST = 1_000_000
"""Bytes of a body: ten thousand ids."""


def plainly(endpoint: Endpoint) -> Endpoint:
    """Refusals as `{code, message}`."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadName as error:
            return refusal(error.code, "", 400)
        except ValueError as error:
            return refusal("invalid_param", str(error), 400)
        except Denied as error:
            return refusal("forbidden", str(error), 403)
        except NotFound as error:
            return refusal(error.code, error.message, 404)
        except DifyError as error:
            return refusal(error.code, error.message, 502)
        except StoreError:
            return refusal("store", "", 503)

    return answered


async def aside(app: App, work: Callable[..., T], *arguments: Any) -> T:
    """In a thread, for it may block on the app's Dify."""
    return await run_sync(partial(work, *arguments), limiter=THREADS.of(app.slug))
