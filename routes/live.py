"""GET /live/{key}: one event stream per open conversation; first all that is shown, then what changes.

GET /turns/{key}?before=: an older page. POST /stop/{key}: end the running answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from anyio.to_thread import run_sync
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from routes import view
from routes.asking import asked_conversation, identity_of, read_conversation, refusal
from routes.lanes import Lanes
from services.conversations import Conversation
from services.dify.errors import DifyError
from services.follower import Changed, Ended, Follower, Grown, News, Renamed, Snapshot
from services.identity import Denied, Identity
from services.outcome import Failure
from services.pace import Pace
from services.site import Site

log = logging.getLogger(__name__)

FRAME = 1 / 120
"""Seconds between two frames at the least: less than between two reads of an answer from Dify, so that what
one of them brought goes at once."""
TOGETHER = 240.0
"""Frames a second of all readers: beyond that each gets more words with a frame instead of more frames. More
than the reads of all answers, for the same reason."""
HEARTBEAT = 15.0
"""Seconds of silence after which a comment proves that the line stands, and the cookie is looked at again."""
IDENTITY_FRESH = 1.0
"""Seconds for which a stream that has something to send believes that its reader is still signed in."""
HISTORY_WAIT = 1.5
"""Seconds that a first snapshot waits for Dify's history where there are turns to show without it."""


DIFY_THREADS, OLDER_THREADS = Lanes(100), Lanes(20)
"""For what waits for Dify, which may hang: the threads that every other request needs are not for that."""
_readings: WeakKeyDictionary[Conversation, asyncio.Future[None]] = WeakKeyDictionary()


class Stopping:
    """Whether the site was told to stop. Every open stream ends then: uvicorn waits for them for ever."""

    def __init__(self) -> None:
        self.now = False
        self.wakes: set[Callable[[], None]] = set()

    def set(self) -> None:
        """Call in the event loop's thread."""
        self.now = True
        for wake in list(self.wakes):
            wake()


stopping = Stopping()
_pace = Pace(FRAME, TOGETHER)


async def events(request: Request) -> Response:
    site, identity, conversation = await read_conversation(request)
    position = request.headers.get("last-event-id") or request.query_params.get("last", "")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    frames = _frames(request, site, identity, conversation, position)
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _frames(
    request: Request, site: Site, identity: Identity, conversation: Conversation, position: str
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    fresh = asyncio.Event()
    follower = Follower(conversation, position)
    told: object = None
    lined_up: object = None if position else view.queue(())  # a first look that finds nothing needs no word
    changed = idle = True
    asked_at = 0.0  # when it was last asked who reads this

    def may_read() -> bool:
        key = request.path_params["key"]
        return not conversation.erased and (key == conversation.key or site.looks.holds(identity, key))

    def wake() -> None:
        # A reader that pauses between two frames looks by itself; to wake the loop for each of two hundred
        # tokens a second would cost more than to send them.
        nonlocal changed
        changed = True
        if idle:
            with suppress(RuntimeError):  # the loop was closed with the site
                loop.call_soon_threadsafe(fresh.set)

    def departed() -> None:
        nonlocal asked_at
        asked_at = 0.0
        wake()

    def read(done: asyncio.Future[None]) -> None:
        if not done.cancelled() and done.exception():
            log.error("history could not be read", exc_info=done.exception())
            conversation.troubled(Failure("history_unreadable"))
        wake()

    conversation.watch(wake)
    stopping.wakes.add(wake)
    site.departures.watch(departed)
    reading = _reading(site, conversation)
    try:
        yield b": open\n\n"
        reading.add_done_callback(read)
        limit = loop.time() + HISTORY_WAIT
        while not (reading.done() or stopping.now):
            left = limit - loop.time()
            if left <= 0 and conversation.entries:
                break
            fresh.clear()
            await _waited(fresh, left if left > 0 else None)
        while not stopping.now:
            began = loop.time()
            changed = idle = False  # what changes from here on is read in the next round
            if began - asked_at >= IDENTITY_FRESH:
                asked_at = began
                if identity_of(request, site.identities) != identity or not may_read():
                    return
            pause = FRAME
            if news := follower.news():
                pause = _pace.pause(follower, began)
                # In one piece, so that the browser draws a change of state and the first words together.
                yield b"".join(_frame(conversation, one, site.opening) for one in news)
            trouble = view.failure(conversation.trouble or site.store_trouble)
            if trouble != told:
                told = trouble
                yield b"event: notice\ndata: %b\n\n" % _json(trouble)
            queue = view.queue(conversation.queued, conversation.held)
            if queue != lined_up:
                lined_up = queue
                yield b"event: queue\ndata: %b\n\n" % _json(queue)
            # After a pause the first words go at once; what follows within a frame goes together.
            await asyncio.sleep(began + pause - loop.time())
            fresh.clear()
            idle = True  # before the look at `changed`: whoever changes something now wakes us
            if not changed and await _waited(fresh, HEARTBEAT):
                yield b": still here\n\n"
        yield b"event: bye\ndata: {}\n\n"
    finally:
        stopping.wakes.discard(wake)
        site.departures.unwatch(departed)
        conversation.unwatch(wake)
        _pace.leave(follower)


def _reading(site: Site, conversation: Conversation) -> asyncio.Future[None]:
    """One reading of history for everybody who comes meanwhile, or each would hold a thread."""
    known = _readings.get(conversation)
    if known and not known.done():
        return known
    app = site.app_of(conversation)
    work = run_sync(site.directory.load, conversation, app, limiter=DIFY_THREADS.of(app.slug))
    reading = _readings[conversation] = asyncio.ensure_future(work)
    return reading


async def _waited(event: asyncio.Event, seconds: float | None) -> bool:
    """True where the time passed without the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return True
    return False


def _frame(conversation: Conversation, news: News, opening: Callable[[Conversation], str | None]) -> bytes:
    match news:
        case Grown(position=""):
            return b"data:%b\n\n" % _json(news.text)
        case Grown():
            return b"id:%b\ndata:%b\n\n" % (news.position.encode(), _json([news.index, news.text]))
        case Changed():
            return _named(
                "turn", news.position, view.changed(news.index, news.turn, news.fields, news.before)
            )
        case Ended():
            end = {"index": news.index, "id": news.turn.id, "state": news.turn.state}
            return _named("end", news.position, end)
        case Renamed():
            return _named("title", news.position, {})
        case Snapshot():
            shown: dict[str, Any] = {
                "turns": [view.whole(index, turn) for index, turn in news.turns],
                "older": conversation.older,
                "conversation_id": conversation.conversation_id,
                "notice": view.failure(conversation.trouble),
                "opening": opening(conversation),
            }
            return _named("snapshot", news.position, shown)


def _named(name: str, position: str, data: dict[str, Any]) -> bytes:
    return b"event:%b\nid:%b\ndata:%b\n\n" % (name.encode(), position.encode(), _json(data))


def _json(value: Any) -> bytes:
    # Bytes at once: an answer of 10 MB is in memory often enough. A lone surrogate could not be encoded.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def older(request: Request) -> Response:
    site, _, conversation = await read_conversation(request)
    before = request.query_params.get("before", "")
    if not before:
        return JSONResponse({"turns": [], "older": None})
    app = site.app_of(conversation)
    try:
        lane = OLDER_THREADS.of(app.slug)
        turns, cursor = await run_sync(site.directory.older, conversation, app, before, limiter=lane)
    except DifyError as error:
        return JSONResponse({"code": error.code, "message": error.message}, 502)
    return JSONResponse({"turns": [view.whole(*turn) for turn in turns], "older": cursor})


async def stop(request: Request) -> Response:
    site, identity, conversation = await asked_conversation(request)
    try:
        await run_in_threadpool(site.runs.halt, identity, conversation)
    except Denied as error:
        return refusal("forbidden", str(error), 403)
    return Response(status_code=204)
