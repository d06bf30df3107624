"""Speech and likeness behind the API: what takes long holds nobody else up, and ends with the backend."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import httpx
import pytest

from tests.contract.processes import PATIENCE, Embedded

pytest.importorskip("pocketsphinx")
RECORDINGS = 8  # more than there are threads for the database


def minute(client: httpx.Client) -> bytes:
    """A minute of speech as a WAV, which `client` must not hold against the document: it knows MP3 only."""
    body = {"text": "What is the weather like in the city today? ", "user": "u", "format": "wav"}
    spoken = client.post("text-to-audio", json=body).content[44:]
    assert len(spoken) > 44_100
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setparams((1, 2, 22_050, 0, "NONE", ""))
        sound.writeframes((spoken * 60)[: 60 * 44_100])
    return content.getvalue()


def test_listening_holds_nobody_up_and_ends_with_the_backend(
    start: Callable[..., AbstractContextManager[Embedded]],
) -> None:
    with start() as server, server.client() as client, ThreadPoolExecutor(RECORDINGS) as pool:
        key = {"Authorization": f"Bearer {server.api_key}"}
        bare = httpx.Client(base_url=server.base_url, headers=key, timeout=120)
        recording = minute(bare)

        def hear(number: int) -> bool:
            files = {"file": ("minute.wav", recording, "audio/wav")}
            try:
                return bare.post("audio-to-text", files=files, data={"user": "u"}).is_success
            except httpx.TransportError:
                return False

        heard = [pool.submit(hear, number) for number in range(RECORDINGS)]
        for query in ("How do I stop an answer?", "What are annotations?"):
            body = {"inputs": {}, "query": query, "user": "u"}
            assert client.post("chat-messages", json=body).status_code == 200
        waiting = [each for each in heard if not each.done()]
        assert len(waiting) >= RECORDINGS - 2, "answers came while recordings were listened to"
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0
        assert not any(each.result() for each in waiting)
        bare.close()
