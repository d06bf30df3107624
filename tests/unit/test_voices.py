"""Reading aloud and listening, with the real engines."""

from __future__ import annotations

import io
import os
import signal
import struct
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded import voices
from embedded.sentences import LONGEST, sentences
from embedded.voices import DEFAULT_VOICE, ENGINES, VOICES, Speech, Speechless, Unhearable

miniaudio: Any = pytest.importorskip("miniaudio")


@pytest.fixture(scope="module")
def speech() -> Iterator[Speech]:
    speech = Speech()
    yield speech
    speech.close()


def seconds(mp3: bytes) -> float:
    sound = miniaudio.mp3_read_s16(mp3)
    assert (sound.sample_rate, sound.nchannels) == (22_050, 1)
    return float(sound.num_frames / sound.sample_rate)


def loudness(mp3: bytes) -> int:
    return max(miniaudio.mp3_read_s16(mp3).samples)


def test_every_voice_speaks(speech: Speech) -> None:
    assert set(VOICES) == set(ENGINES)
    assert len(set(ENGINES.values())) == len(VOICES)
    said = {voice: b"".join(speech.say("One, two, three.", voice)) for voice in VOICES}
    for voice, mp3 in said.items():
        assert 0.8 < seconds(mp3) < 6, voice
        assert loudness(mp3) > 3000, voice


@pytest.mark.parametrize("voice", [None, "", "nobody", "../../etc/passwd"])
def test_unknown_voice_is_the_default_one(speech: Speech, voice: str | None) -> None:
    (said,), (usual,) = speech.say("Hello there.", voice), speech.say("Hello there.", DEFAULT_VOICE)
    assert seconds(said) == pytest.approx(seconds(usual), abs=0.1)


def test_pieces_of_mp3_can_be_joined(speech: Speech) -> None:
    text = "This is the first sentence. And here comes the second one! Is this the third?"
    pieces = list(speech.say(text))
    assert len(pieces) == 3
    for piece in pieces:
        assert piece[0] == 0xFF and piece[1] & 0xE0 == 0xE0, "each begins with a frame, not with a header"
    assert seconds(b"".join(pieces)) == pytest.approx(sum(map(seconds, pieces)), abs=0.2)


def test_the_first_piece_does_not_wait_for_the_others(speech: Speech) -> None:
    endless = speech.say("A sentence. " * 100_000)
    assert seconds(next(endless)) > 0.3


def test_wav_is_a_wav(speech: Speech) -> None:
    content = b"".join(speech.say("One. Two.", "adam", "wav"))
    assert struct.unpack_from("<I", content, 4) == (0xFFFFFFFF,), "its length is left open"
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (22_050, 1, 2)
        assert len(sound.readframes(10_000_000)) == len(content) - 44


@pytest.mark.parametrize("text", ["", " \n", "```\ncode only\n```", "***", "🙂"])
def test_nothing_to_say(speech: Speech, text: str) -> None:
    assert list(speech.say(text)) == []
    assert len(b"".join(speech.say(text, kind="wav"))) == 44


def test_a_crash_of_the_engine_is_not_heard(speech: Speech) -> None:
    pieces = speech.say("One sentence. Another sentence.")
    first = next(pieces)
    pid = speech._speaking.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert seconds(first) > 0.3 and seconds(next(pieces)) > 0.3


def test_the_gpl_part_stays_outside(speech: Speech) -> None:
    assert list(speech.say("Hello."))
    assert "espeakng_loader" not in sys.modules
    assert "espeak" not in Path("/proc/self/maps").read_text()
    assert "espeak" in Path(f"/proc/{speech._speaking.pid}/maps").read_text()


def test_without_an_engine_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    speech = Speech()
    speech._speaking._command[1:3] = ["-c", WITHOUT.format(engine="speaking", missing=("espeakng_loader",))]
    speech._hearing._command[1:3] = ["-c", WITHOUT.format(engine="hearing", missing=("pocketsphinx",))]
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Speechless, match="neither espeakng-loader nor espeak-ng"):
        speech.say("Hello.")
    with pytest.raises(Speechless, match="pip install pocketsphinx"):
        speech.hear(b"RIFF", "audio/wav")
    speech.close()


def test_it_knows_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    speech = Speech()
    assert speech.can_say and speech.can_hear
    monkeypatch.setattr(voices, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    assert not speech.can_say and not speech.can_hear


WITHOUT = """
import sys
for name in {missing}: sys.modules[name] = None
from embedded.engines import serving, {engine} as engine
serving.serve(engine.prepare, 60)
"""


@pytest.mark.parametrize("kind", ["mp3", "wav"])
def test_hears_what_was_said(speech: Speech, kind: Any) -> None:
    pytest.importorskip("pocketsphinx")
    audio = b"".join(speech.say("one two three four five", "adam", kind))
    heard = speech.hear(audio, f"audio/{kind}").split()
    # A synthetic voice is hard to understand; all five were heard in 19 of 20 trials.
    assert len({"one", "two", "three", "four", "five"}.intersection(heard)) >= 3


def test_hears_nothing_in_silence(speech: Speech) -> None:
    pytest.importorskip("pocketsphinx")
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    assert speech.hear(content.getvalue(), "audio/wav") == ""


@pytest.mark.parametrize("audio", [b"", b"no audio", b"RIFF\xff\xff\xff\xffWAVE", os.urandom(5000)])
def test_what_is_no_audio_is_refused(speech: Speech, audio: bytes) -> None:
    pytest.importorskip("pocketsphinx")
    with pytest.raises(Unhearable, match="audio/x-test"):
        speech.hear(audio, "audio/x-test")


@pytest.mark.parametrize(
    ("markdown", "spoken"),
    [
        ("One. Two! Three? Four… five", ["One.", "Two!", "Three?", "Four…", "five"]),
        ("It costs 3.20 at example.com now.", ["It costs 3.20 at example.com now."]),
        ("# Title\n\n- **one**\n- `two`\n1. _three_", ["Title", "one", "two", "three"]),
        ("See [the manual](https://x.example/a) or https://y.example.", ["See the manual or"]),
        ("Before\n\n```py\nprint(1)\n```\n\nafter", ["Before", "after"]),
        ("Before\n\n````\n```\nx\n````\nafter", ["Before", "after"]),
        ("Never closed\n```\nx", ["Never closed"]),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", ["a, b", "1, 2"]),
        ("> - [x] done", ["done"]),
        ("A note[^1].\n\n[^1]: not read", ["A note."]),
        ("<think>secret</think>Open.", ["Open."]),
        ("<script>x</script>", ["x"]),
        ("一句话。另一句！", ["一句话。", "另一句！"]),
        ("Es gilt\n\n$$x^2$$\n\nimmer.", ["Es gilt", "immer."]),
    ],
)
def test_sentences(markdown: str, spoken: list[str]) -> None:
    assert list(sentences(markdown)) == spoken


@pytest.mark.parametrize("text", ["word " * 500, "x" * 1000, "one, two, three " * 60])
def test_a_long_sentence_is_cut_and_loses_nothing(text: str) -> None:
    parts = list(sentences(text))
    assert all(0 < len(part) <= LONGEST for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


ODD = (
    *["-", "[", "![", "[x](", "[^", "|", "<", "`", "$$", ".", "'", "<think>"],
    " ",
    "\n",
    "[\n",
    "[^a\n",
    "```\n",
    "# ",
)


@pytest.mark.parametrize("piece", ODD)
def test_no_text_takes_for_ever(piece: str) -> None:
    """Half a million characters; with a pattern that looks back again and again it would be hours."""
    for text in (piece * (500_000 // len(piece)), piece * (500_000 // len(piece)) + "x"):
        for sentence in sentences(text):
            assert sentence
