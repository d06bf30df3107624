"""Reading aloud: an answer turned into speech sentence by sentence while it is still being written."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from types import TracebackType

from embedded.voices import DEFAULT_VOICE, Speech, Speechless

SENTENCE = re.compile(r".*?[.!?:。！？](?:\s+|$)|.*?\n+", re.DOTALL)
FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


class ReadAloud:
    """Speech of a text that arrives in pieces; an async context manager, for it works in the background."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._tail = ""
        self._seen = 0  # characters of the tail that are known to be whole sentences, inside a block of code
        self._in_code = False
        self._sentences: asyncio.Queue[str | None] = asyncio.Queue()
        self._audio: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> ReadAloud:
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker

    def read(self, text: str) -> None:
        """More of the text; only whole sentences and whole blocks of code are handed on."""
        self._tail += text
        start = 0
        for match in SENTENCE.finditer(self._tail, self._seen):
            if match.end() == len(self._tail):
                break  # there may be more of it: "3." "14"
            self._seen = match.end()
            self._in_code ^= len(FENCE.findall(match[0])) % 2 == 1
            if not self._in_code:
                self._sentences.put_nowait(self._tail[start : self._seen])
                start = self._seen
        self._tail = self._tail[start:]
        self._seen -= start

    def ready(self) -> Iterator[bytes]:
        """The pieces of MP3 that are there now."""
        while not self._audio.empty():
            audio = self._audio.get_nowait()
            if audio is not None:
                yield audio

    async def rest(self) -> AsyncIterator[bytes]:
        """Every piece that is still to come, the text having ended."""
        self._sentences.put_nowait(self._tail)
        self._sentences.put_nowait(None)
        while (audio := await self._audio.get()) is not None:
            yield audio

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while (sentence := await self._sentences.get()) is not None:
            try:
                for audio in await loop.run_in_executor(self._speech.speaker, self._spoken, sentence):
                    self._audio.put_nowait(audio)
            except Speechless:
                break  # without an engine the answer is silent, and whole all the same
        self._audio.put_nowait(None)

    def _spoken(self, text: str) -> list[bytes]:
        return list(self._speech.say(text, DEFAULT_VOICE, "mp3"))
