"""Words as they are searched for, and the passage of a text in which they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST_WORDS = 16
AROUND = 60
"""Characters of a snippet before the first word found; twice as many after it."""
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
LETTER = re.compile(f"([{UNSPACED}])")
UNSPACED_RUN = re.compile(f"([{UNSPACED}]+)")
WORD = re.compile(r"[^\W_]+")  # as unicode61 cuts them


def terms(text: str) -> tuple[str, ...]:
    """The words of what somebody types into a search box, in the order typed."""
    return tuple(dict.fromkeys(WORD.findall(text.lower())))[:MOST_WORDS]


def folded(text: str) -> str:
    """Without case and accents, for comparing."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def snippet(text: str, words: Sequence[str]) -> list[tuple[str, bool]] | None:
    """The passage around the first word found, in pieces, each with whether it is one of the words.

    None where no word is in the text.
    """
    plain, places = _places(text)
    pattern = re.compile("|".join(_as_found(word) for word in sorted(words, key=len, reverse=True)) or "$.")
    first = pattern.search(plain)
    if first is None:
        return None
    begin = max(0, first.start() - AROUND)
    end = min(len(plain), first.end() + 2 * AROUND)
    pieces: list[tuple[str, bool]] = [("…", False)] if begin else []
    at = begin
    for found in pattern.finditer(plain, begin, end):
        pieces += [
            (text[places[at] : places[found.start()]], False),
            (text[places[found.start()] : places[found.end()]], True),
        ]
        at = found.end()
    pieces.append((text[places[at] : places[end]] + ("…" if end < len(plain) else ""), False))
    return [(" ".join(piece.split("\n")), found) for piece, found in pieces if piece]


def apart(text: str) -> str:
    """With each letter of a script without spaces as a word of its own."""
    return LETTER.sub(r" \1 ", text)


def _as_found(word: str) -> str:
    escaped = re.escape(folded(word))
    return escaped if LETTER.search(word) else rf"(?<![^\W_]){escaped}"


def _places(text: str) -> tuple[str, Sequence[int]]:
    """The text folded, and for each place in it the place in the text."""
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    plain, places = [], []
    for at, sign in enumerate(text):
        for letter in folded(sign):
            plain.append(letter)
            places.append(at)
    return "".join(plain), [*places, len(text)]
