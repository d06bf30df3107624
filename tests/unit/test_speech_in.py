"""Recordings on their way to text: which shape goes, what is made of others, why there are no words."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterator

import lameenc
import pytest

from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.patience import Patience
from services.identity import Identity, Role
from services.speech_in import LARGEST, MEGABYTE, RATE, Unheard, as_sent, as_wav, heard
from tests.contract.recorded import Exchange
from tests.upstream import Refusal, Upstream

ADA = Identity("ada", Role.AGENT)


def tone(rate: int = 22_050, channels: int = 2) -> bytes:
    """A second of 440 Hz as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        samples = (int(9_000 * math.sin(n * 440 * math.tau / rate)) for n in range(rate))
        writer.writeframes(b"".join(struct.pack("<h", s) * channels for s in samples))
    return file.getvalue()


def mp3() -> bytes:
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(22_050)
    encoder.set_channels(2)
    encoder.silence()
    return bytes(encoder.encode(tone()[44:]) + encoder.flush())


SHAPES = {
    "audio/wav": tone(),
    "audio/mp3": mp3(),
    "audio/m4a": b"\0\0\0\x20ftypM4A \0",
    "audio/amr": b"#!AMR\n\0",
    "audio/webm": b"\x1aE\xdf\xa3\x9f",
}


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def client(dify: Upstream) -> Iterator[Client]:
    with Client(dify.url, dify.key, patience=Patience(connect=2, headers=5, read=5, repeats=0)) as made:
        yield made


@pytest.mark.parametrize("kind", SHAPES)
def test_a_recording_goes_under_the_type_of_its_content(kind: str) -> None:
    sound = as_sent(SHAPES[kind])
    assert (sound.media_type, sound.content) == (kind, SHAPES[kind])
    assert as_sent(b"ID3\4" + mp3()).media_type == "audio/mp3"


@pytest.mark.parametrize("kind", ["audio/wav", "audio/mp3", "audio/m4a"])
def test_the_recorded_server_took_these_types(kind: str) -> None:
    assert Exchange.read(f"90_stt_{kind.replace('/', '_')}").status == 200


@pytest.mark.parametrize("content", [tone(), mp3()])
def test_what_is_transcoded_is_a_plain_wav(content: bytes) -> None:
    with wave.open(io.BytesIO(as_wav(content).content)) as made:
        assert (made.getnchannels(), made.getsampwidth(), made.getframerate()) == (1, 2, RATE)
        assert made.getnframes() == pytest.approx(RATE, rel=0.15)
        loud = struct.unpack(f"<{made.getnframes()}h", made.readframes(made.getnframes()))
    assert max(loud) > 5_000


def test_what_was_said_comes_back(dify: Upstream, client: Client) -> None:
    dify.said = "  hello there \n"
    assert heard(client, ADA, tone()) == "hello there"
    (sent,) = dify.recordings
    assert (sent.mime_type, sent.name, sent.content, sent.user) == ("audio/wav", "speech.wav", tone(), "ada")


def test_a_refused_type_is_transcoded(dify: Upstream, client: Client) -> None:
    refusal = Refusal.of(415, "unsupported_audio_type", "Audio type not allowed.")
    dify.fail("audio-to-text", refusal, Refusal(200, {"text": "what was said"}))
    assert heard(client, ADA, mp3()) == "what was said"
    assert [sent.mime_type for sent in dify.recordings] == ["audio/mp3", "audio/wav"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"RIFF0000WAVE" + bytes(LARGEST * MEGABYTE), "size"),
        (b"just some text", "format"),
        (SHAPES["audio/webm"], "format"),
    ],
)
def test_why_there_are_no_words(dify: Upstream, client: Client, content: bytes, code: str) -> None:
    with pytest.raises(Unheard) as told:
        heard(client, ADA, content)
    assert told.value.code == code
    assert code == "format" or not dify.recordings


def test_silence_is_said_to_be_silence(dify: Upstream, client: Client) -> None:
    dify.said = " "
    with pytest.raises(Unheard, match="nothing"):
        heard(client, ADA, tone())


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("90_stt_disabled", "speech_to_text_disabled"),
        ("90_stt_too_large", "audio_too_large"),
        ("90_stt_no_file", "bad_request_key_error"),
        ("90_stt_audio_webm", "unsupported_audio_type"),
    ],
)
def test_the_servers_own_reason_is_kept(dify: Upstream, client: Client, case: str, code: str) -> None:
    recorded = Exchange.read(case)
    dify.fail("audio-to-text", Refusal(recorded.status, recorded.body.decode()))
    with pytest.raises(DifyError) as told:
        heard(client, ADA, tone())
    assert told.value.code == code
