"""Sentences: what of an answer is read aloud, in pieces that are spoken one after another."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 240  # characters of one piece; a longer sentence is cut at a comma or a space

# Markdown and what stays of it when it is read aloud. No pattern may look twice at the same far end: texts
# are as long and as odd as their authors like.
UNSPOKEN = (
    (re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL), " "),
    (re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(^[ \t>]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE), "\n"),
    (re.compile(r"\$\$[^$]*\$\$"), " "),
    (re.compile(r"^\[\^?[^\[\]\n]+\]:.*$|\[\^[^\[\]\n]+\]", re.MULTILINE), ""),  # notes and their numbers
    (re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)"), r"\1"),
    (re.compile(r"<?https?://[^\s>)]+>?"), ""),
    (re.compile(r"<[^<>]*>"), " "),
    (re.compile(r"^[ \t]*((#{1,6}|>|[-*+]|\d{1,3}[.)])[ \t]+)+", re.MULTILINE), ""),
    (re.compile(r"\[[ xX]\]|[*_`~#\\]+"), ""),
)
# After the end of a sentence comes a space, except in Chinese and Japanese.
END = re.compile(r"(?<=[.!?…:;])[\"'”’)\]]*\s+|(?<=[。！？])|\n+")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a markdown text without its signs, code and addresses; none is empty."""
    text = "\n".join(line for line in text.splitlines() if line.strip(" \t:|-"))
    for pattern, spoken in UNSPOKEN:
        text = pattern.sub(spoken, text)
    for part in END.split(text):
        cells = (" ".join(cell.split()) for cell in part.split("|"))
        yield from _short(", ".join(cell for cell in cells if cell))


def _short(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        cut = max(sentence.rfind(mark, 0, LONGEST) for mark in (", ", "; ", " – "))
        cut = cut + 1 if cut > 0 else sentence.rfind(" ", 0, LONGEST)
        cut = cut if cut > 0 else LONGEST
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if any(letter.isalnum() for letter in sentence):
        yield sentence
