"""Text to speech by espeak-ng, MP3 by LAME: `python -m embedded.engines.speaking`.

espeak-ng is under the GPL; this process is all that ever loads or starts it. It comes as a library with the
package espeakng-loader, or as the system's command `espeak-ng`.
"""

from __future__ import annotations

import ctypes
import io
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from typing import Any, TypeAlias

from embedded.engines.serving import Handle, Missing, Unusable, serve

RATE = 22_050  # Hz; mono, 16 bits
BITS = 48  # kbit/s of an MP3: speech needs no more
SYNCHRONOUS, UTF8 = 2, 1
PERIOD = 0.02  # seconds of sound at a time

Speak: TypeAlias = Callable[[str, str], bytes]
"""Text and the name of a voice -> PCM."""


def prepare() -> Handle:
    """Load espeak-ng. Raises Missing."""
    speak = _library() or _command()
    if speak is None:
        raise Missing("neither espeakng-loader nor espeak-ng is installed")

    def handle(values: dict[str, Any], _body: bytes) -> bytes:
        pcm = speak(values["text"], values["voice"])
        return _mp3(pcm) if values["kind"] == "mp3" else pcm

    return handle


def _library() -> Speak | None:
    try:
        import espeakng_loader
    except ImportError:
        return None
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    heard = bytearray()

    def more(samples: Any, count: int, _events: object) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(
        more
    )
    data = espeakng_loader.get_data_path().encode()
    if espeak.espeak_Initialize(SYNCHRONOUS, int(PERIOD * 1000), data, 0) != RATE:
        raise Missing("espeak-ng has no voices")
    espeak.espeak_SetSynthCallback(callback)

    def speak(text: str, voice: str, _keep: object = callback) -> bytes:
        if espeak.espeak_SetVoiceByName(voice.encode()):
            raise Unusable(f"espeak-ng has no voice {voice}")
        heard.clear()
        content = text.encode()
        size = ctypes.c_size_t(len(content) + 1)
        if espeak.espeak_Synth(content, size, 0, 0, 0, UTF8, None, None):
            raise RuntimeError("espeak_Synth failed")
        return bytes(heard)

    return speak


def _command() -> Speak | None:
    program = shutil.which("espeak-ng")
    if program is None:
        return None

    def speak(text: str, voice: str) -> bytes:
        arguments = [program, "-v", voice, "--stdin", "--stdout"]
        done = subprocess.run(arguments, input=text.encode(), capture_output=True, check=False)
        if done.returncode:
            raise Unusable(done.stderr.decode(errors="replace").strip())
        # Its header leaves the length open, so what follows the 44 bytes is taken whole.
        with wave.open(io.BytesIO(done.stdout)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
        return done.stdout[44:]

    return speak


def _mp3(pcm: bytes) -> bytes:
    """PCM as MP3 frames without any header, so that pieces can be joined."""
    try:
        import lameenc
    except ImportError:
        raise Missing("lameenc is not installed") from None
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(BITS)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_quality(5)
    encoder.silence()
    return bytes(encoder.encode(pcm) + encoder.flush())


if __name__ == "__main__":
    serve(prepare, float(sys.argv[1]))
