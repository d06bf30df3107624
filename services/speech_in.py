"""A recording -> its words, by `POST /audio-to-text`: in a shape that the server takes.

The server goes by the Content-Type to the letter (recordings 90_*) and never by the content, so the type is
told by the content here. What it takes in no shape is made a WAV where that can be done.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

from services.dify.client import Client
from services.dify.errors import Invalid
from services.identity import Identity, Role

LARGEST = 30
"""MB; the server refuses more."""
LARGE = 15
"""MB; what older servers take."""
MEGABYTE = 1024 * 1024
RATE = 16_000
"""Hz of what is transcoded: what recognisers work with."""
ENDINGS = ("mp3", "mp4", "mpeg", "mpga", "m4a", "wav", "webm", "ogg", "flac")
"""Of existing recordings, for a file dialog."""


@dataclass(frozen=True, slots=True)
class Sound:
    name: str
    content: bytes
    media_type: str


class Unheard(Exception):
    """Why there are no words. `code`: empty, size, format, nothing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def heard(client: Client, identity: Identity, content: bytes) -> str:
    """What was said. Raises Denied, Unheard, and DifyError where the server refuses or is not there."""
    identity.require(Role.AGENT)
    user = identity.user
    if not content:
        raise Unheard("empty")
    if len(content) > LARGEST * MEGABYTE:
        raise Unheard("size")
    sound = as_sent(content)
    try:
        words = client.audio.to_text(sound.name, sound.content, sound.media_type, user)
    except Invalid as error:
        if error.code != "unsupported_audio_type" or sound.media_type == "audio/wav":
            raise
        wav = as_wav(content)
        words = client.audio.to_text(wav.name, wav.content, wav.media_type, user)
    if not words.strip():
        raise Unheard("nothing")
    return words.strip()


def as_sent(content: bytes) -> Sound:
    """The recording under the type that the server knows it by. Raises Unheard(format)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Sound("speech.wav", content, "audio/wav")
    if content[4:8] == b"ftyp":  # an MP4 by its name too: the same container
        return Sound("speech.m4a", content, "audio/m4a")
    if content[:6] == b"#!AMR\n":
        return Sound("speech.amr", content, "audio/amr")
    if content[:4] == b"\x1aE\xdf\xa3":  # promised by the API document, refused by the recorded server
        return Sound("speech.webm", content, "audio/webm")
    if content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] >= b"\xe0"):
        return Sound("speech.mp3", content, "audio/mp3")
    return as_wav(content)


def as_wav(content: bytes) -> Sound:
    """MP3, FLAC, Ogg Vorbis or WAV as a plain WAV of one channel. Raises Unheard(format), Unheard(size)."""
    # Imported when it is needed: most people never record anything.
    import miniaudio

    try:
        decoded = miniaudio.decode(content, nchannels=1, sample_rate=RATE)
    except miniaudio.MiniaudioError as error:
        raise Unheard("format") from error
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(decoded.samples.tobytes())
    if file.tell() > LARGEST * MEGABYTE:
        raise Unheard("size")
    return Sound("speech.wav", file.getvalue(), "audio/wav")
