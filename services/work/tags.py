"""Tags, kept as they were first written; the same whatever their case, accents and spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from services.passages import folded

LONGEST = 40
"""Characters."""
MOST = 20
"""Tags of one conversation."""
LONGEST_FOLDED = 160


def clean(tag: str) -> str:
    """As it is kept. Raises ValueError for one that is empty or longer than LONGEST."""
    kinds = ((sign, unicodedata.category(sign)) for sign in unicodedata.normalize("NFC", tag))
    text = " ".join("".join(" " if kind in {"Cc", "Cs"} else sign for sign, kind in kinds).split())
    if not fold(text):
        raise ValueError("a tag needs at least one letter")
    if len(text) > LONGEST:
        raise ValueError(f"a tag has at most {LONGEST} characters")
    return text


def cleaned(tags: Iterable[str]) -> dict[str, str]:
    """The first writing of each tag, by what makes it the same. Raises ValueError as `clean`."""
    found: dict[str, str] = {}
    for tag in tags:
        text = clean(tag)
        found.setdefault(fold(text), text)
    return found


def fold(tag: str) -> str:
    """What makes two tags the same; signs that nobody sees tell none apart."""
    seen = "".join(sign for sign in tag if unicodedata.category(sign) != "Cf")
    return " ".join(folded(seen).split())[:LONGEST_FOLDED]
