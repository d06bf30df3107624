"""Word pieces: text as the numbers that a BERT model was trained on, lower case and without accents.

The vocabulary (bert-base-uncased, 30,522 pieces) is Google's, under the Apache License 2.0.
"""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Iterator
from pathlib import Path

VOCABULARY = Path(__file__).with_name("wordpieces.txt.gz")
UNKNOWN, BEGIN, END = "[UNK]", "[CLS]", "[SEP]"
MOST = 256  # pieces of a text that the model was trained for, both ends included
MOST_LETTERS = 2_000  # of a text that are looked at for whether its words are known
FAMILIAR = (
    1.5  # pieces per word of a text: nine of ten English questions have up to 1.3, of German ones from 1.8
)
LONGEST_WORD = 100  # characters; a longer one is unknown


class WordPieces:
    """The vocabulary, loaded once."""

    def __init__(self) -> None:
        lines = gzip.decompress(VOCABULARY.read_bytes()).decode().split("\n")
        self._numbers = {piece: number for number, piece in enumerate(lines) if piece}

    def of(self, text: str) -> list[int]:
        """The numbers of a text, between those of its two ends; what the model cannot take is left out."""
        pieces = [BEGIN]
        for word in _words(text):
            pieces += self._cut(word)
            if len(pieces) >= MOST:
                break
        return [self._numbers[piece] for piece in [*pieces[: MOST - 1], END]]

    def knows(self, text: str) -> bool:
        """Whether the model was trained on such words: others fall into many pieces, or into none."""
        words = list(_words(text[:MOST_LETTERS]))
        pieces = [piece for word in words for piece in self._cut(word)]
        return bool(words) and UNKNOWN not in pieces and len(pieces) <= FAMILIAR * len(words)

    def _cut(self, word: str) -> list[str]:
        if len(word) > LONGEST_WORD:
            return [UNKNOWN]
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self._numbers:
                    break
            else:
                return [UNKNOWN]
            pieces.append(piece)
            start = end
        return pieces


def _words(text: str) -> Iterator[str]:
    spaced = []
    for letter in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(letter)
        if letter.isspace():
            spaced.append(" ")
        elif kind == "Mn" or kind.startswith("C") or letter == "\ufffd":
            continue
        elif _stands_alone(letter, kind):
            spaced.append(f" {letter} ")
        else:
            spaced.append(letter)
    yield from "".join(spaced).split()


def _stands_alone(letter: str, kind: str) -> bool:
    # Punctuation, ASCII signs, and Chinese characters, between which there are no spaces.
    if kind.startswith("P") or (letter.isascii() and not letter.isalnum()):
        return True
    return "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf" or "\uf900" <= letter <= "\ufaff"
