"""Audio: speech to text and back. Source: "Audio" in the API document, recordings 90_*, 91_*."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from embedded.caller import Caller, speaking, uploading
from embedded.errors import Refused, invalid, read
from embedded.responses import CompactJSON
from embedded.voices import DEFAULT_VOICE, Speechless, Unhearable

TYPES = ("audio/mp3", "audio/mpga", "audio/m4a", "audio/wav", "audio/amr")
LARGEST = 30 * 1024 * 1024  # bytes
NOT_UNDERSTOOD = "The browser (or proxy) sent a request that this server could not understand."

router = APIRouter()


class TextToAudioPayload(BaseModel):
    """The body of POST /text-to-audio; a message's text wins over `text`. `format` is this server's own."""

    message_id: str | None = None
    text: str | None = None
    voice: str | None = None
    streaming: bool | None = None
    format: Literal["mp3", "wav"] = "mp3"


@router.post("/audio-to-text")
async def hear(sent: Annotated[tuple[Caller, FormData], Depends(uploading)]) -> Response:
    """What was said in a recording."""
    caller, form = sent
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Refused(400, "bad_request_key_error", NOT_UNDERSTOOD)
    if not caller.app.features.hears:
        raise Refused(400, "speech_to_text_disabled", "Speech to text is disabled.")
    kind = file.content_type or ""
    if kind not in TYPES:
        raise Refused(415, "unsupported_audio_type", "Audio type not allowed.")
    audio = await file.read()
    if len(audio) > LARGEST:
        raise Refused(413, "audio_too_large", "Audio size larger than 30 mb")
    try:
        speech = caller.backend.speech
        text = await asyncio.get_running_loop().run_in_executor(speech.listener, speech.hear, audio, kind)
    except Speechless as error:
        raise Refused(400, "provider_not_support_speech_to_text", str(error)) from None
    except Unhearable as error:
        raise Refused(400, "completion_request_error", str(error) or "Not to be understood.") from None
    return CompactJSON({"text": text})


@router.post("/text-to-audio")
def say(caller: Annotated[Caller, Depends(speaking)]) -> Response:
    """A text or an answer spoken, sentence by sentence as it is ready."""
    payload = read(TextToAudioPayload, caller.body)
    if payload.message_id:
        text = _answer(caller, payload.message_id)
        if text is None:
            return CompactJSON(None)
    elif payload.text is None:
        raise invalid("Text is required")
    else:
        text = payload.text
    # An explicit voice is not checked against the switch, on a real server either.
    if not caller.app.features.speaks and not payload.voice:
        raise invalid("TTS is not enabled")
    try:
        audio = caller.backend.speech.say(text, payload.voice or DEFAULT_VOICE, payload.format)
        first = next(audio, b"")
    except Speechless as error:
        raise invalid(str(error)) from None
    kind = "audio/mpeg" if payload.format == "mp3" else "audio/wav"
    return StreamingResponse(_rest(first, audio), media_type=kind)


def _answer(caller: Caller, message_id: str) -> str | None:
    try:
        known = str(UUID(message_id))
    except ValueError:
        return None
    message = caller.backend.store.message(caller.app.id, caller.user, known)
    return message.outcome.answer if message else None


def _rest(first: bytes, audio: Iterator[bytes]) -> Iterator[bytes]:
    return chain((first,), audio)
