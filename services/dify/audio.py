"""Heading "TTS": speech to text and text to speech. Recordings 90_*, 91_*."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.dify.connection import Connection
from services.dify.download import Download
from services.dify.errors import Unintelligible
from services.dify.loose import mapping, text


class Audio:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def to_text(self, name: str, content: bytes, media_type: str, user: str) -> str:
        """What was said. The server compares `media_type` to the letter: audio/wav, audio/mp3, audio/m4a,
        audio/mpga, audio/amr; anything else is Invalid. At most 30 MB (TooLarge). Never repeated."""
        answer = self._connection.ask(
            "POST",
            "/audio-to-text",
            form={"user": user},
            file=(name, content, media_type),
            read=self._connection.patience.headers,
        )
        return text(mapping(answer).get("text"))

    @contextmanager
    def speech(
        self, user: str, *, message_id: str | None = None, words: str | None = None, voice: str | None = None
    ) -> Iterator[Download]:
        """Speech as it is made (audio/mpeg; audio/wav from older servers); `message_id` wins over `words`.

        An unknown message brings JSON `null` with a 200 (91_tts_bad_message_id): Unintelligible, not_audio.
        """
        given = {"message_id": message_id, "text": words, "voice": voice, "user": user}
        body = {name: value for name, value in given.items() if value is not None}
        with self._connection.open("POST", "/text-to-audio", accept="audio/*", body=body) as response:
            download = Download.of(response)
            if not download.media_type.startswith("audio/"):
                raise Unintelligible("not_audio", "There is no speech for this message.")
            yield download
