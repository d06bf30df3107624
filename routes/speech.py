"""GET /speech/{key}/{turn}?voice=&download=: an answer read aloud, as it arrives.

Its type is what Dify says (MP3 while an answer is written). A failure before the first byte is JSON with a
code; one in the middle cuts the connection, which a player can tell from an end.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Send

from routes import live
from routes.asking import asked_conversation
from routes.lanes import Lanes
from services.afterwards import NoSuchAnswer
from services.dify.errors import DifyError
from services.identity import Denied
from services.speech import Crowded, Sound, SpeechOff

LONGEST_VOICE = 100
"""Characters."""
AUDIO = re.compile(r"audio/[a-z0-9.+-]{1,60}")
ENDINGS = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/ogg": "ogg"}
THREADS = Lanes(10)


async def speech(request: Request) -> Response:
    site, identity, conversation = await asked_conversation(request)
    voice = request.query_params.get("voice", "")
    if len(voice) > LONGEST_VOICE:
        return _refusal("invalid_param", f"voice has at most {LONGEST_VOICE} characters", 400)
    app, turn = site.app_of(conversation), request.path_params["turn"]
    try:
        work = partial(site.speeches.of, identity, app, conversation, turn, voice)
        sound = await run_sync(work, limiter=THREADS.of(app.slug))
    except NoSuchAnswer:
        return _refusal("not_found", "There is no such answer.", 404)
    except Denied as error:
        return _refusal("forbidden", str(error), 403)
    except SpeechOff:
        return _refusal("speech_off", "Speech is off for this app.", 409)
    except Crowded:
        return _refusal("too_many_requests", "Too much is being read aloud.", 429)
    except DifyError as error:
        return _refusal(error.code, error.message, 502)
    pieces = _Pieces(sound)
    if not await pieces.begun():
        pieces.close()
        failure = sound.failure or DifyError("not_audio", "There is no speech for this answer.")
        return _refusal(failure.code, failure.message, 502)
    kind = sound.media_type if AUDIO.fullmatch(sound.media_type) else "application/octet-stream"
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if "download" in request.query_params:
        headers["Content-Disposition"] = f'attachment; filename="answer.{ENDINGS.get(kind, "audio")}"'
    return _Speech(pieces, headers=headers, media_type=kind)


class _Pieces:
    """What one listener has still to get; made and read in the event loop."""

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self._loop = asyncio.get_running_loop()
        self._fresh = asyncio.Event()
        self._offset = 0
        sound.watch(self._wake)
        live.stopping.wakes.add(self._fresh.set)

    def close(self) -> None:
        self.sound.unwatch(self._wake)
        live.stopping.wakes.discard(self._fresh.set)

    async def begun(self) -> bool:
        """Waits for the first byte; False where there is none."""
        while not (self.sound.over or self.sound.data or live.stopping.now):
            self._fresh.clear()
            if not (self.sound.over or self.sound.data):
                await self._fresh.wait()
        return bool(self.sound.data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while not live.stopping.now:
                self._fresh.clear()
                over = self.sound.over
                piece = self.sound.data.since(self._offset)
                self._offset += len(piece)
                if piece:
                    yield piece
                elif over:
                    return
                else:
                    await self._fresh.wait()
        finally:
            self.close()

    def _wake(self) -> None:
        if not self._fresh.is_set():
            with suppress(RuntimeError):  # the loop was closed with the site
                self._loop.call_soon_threadsafe(self._fresh.set)


class _Speech(StreamingResponse):
    def __init__(self, pieces: _Pieces, *, headers: dict[str, str], media_type: str) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._sound = pieces.sound

    async def stream_response(self, send: Send) -> None:
        """As Starlette's, but broken speech has no proper end: the server then closes the connection."""

        async def unless_broken(message: dict[str, object]) -> None:
            ends = message["type"] == "http.response.body" and not message.get("more_body")
            if not (ends and self._sound.failure):
                await send(message)

        await super().stream_response(unless_broken)  # type: ignore[arg-type]


def _refusal(code: str, message: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": message}, status)
