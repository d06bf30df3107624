"""Reading aloud what is still being written, with the real engine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from embedded.readaloud import ReadAloud
from embedded.reply import by_words
from embedded.voices import Speech

miniaudio: Any = pytest.importorskip("miniaudio")


@pytest.fixture(scope="module")
def speech() -> Iterator[Speech]:
    made = Speech()
    yield made
    made.close()


def seconds(speech: Speech, text: str) -> float:
    """How long a text is spoken that arrives word by word."""

    async def read() -> bytes:
        async with ReadAloud(speech) as voice:
            for word in by_words(text):
                voice.read(word)
            return b"".join([audio async for audio in voice.rest()])

    audio = asyncio.run(read())
    return float(miniaudio.mp3_read_s16(audio).num_frames) / 22_050 if audio else 0.0


CODE = "```py\nprint('one, two, three')\nprint('four, five, six')\n```\n"


@pytest.mark.parametrize(
    "text", ["Look at this. {}And go on.", "{}", "A list:\n\n- one\n\n{}- and more\n\n{}"]
)
def test_code_is_left_out(speech: Speech, text: str) -> None:
    words = text.format("", "") if text != "{}" else ""
    assert seconds(speech, text.format(CODE, CODE)) == pytest.approx(seconds(speech, words), abs=0.4)


def test_every_sentence_is_spoken(speech: Speech) -> None:
    text = "It costs 3.14 now. Then it is over! Is it? Yes:\n\n- one\n- two\n\nThe end"
    whole = b"".join(speech.say(text))
    assert seconds(speech, text) == pytest.approx(miniaudio.mp3_read_s16(whole).num_frames / 22_050, abs=0.6)
