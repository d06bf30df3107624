"""What has changed between two texts, word by word: taken out struck through, put in underlined."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

import streamlit as st

PIECES = re.compile(r"\s+|\w+|[^\w\s]")
MOST = 4_000
"""Pieces of a text that are compared; beyond that the two are shown whole."""
STYLE = "white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font-size:0.9375rem;line-height:1.5"

GROUND = {"del": "rgba(220, 60, 60, 0.14)", "ins": "rgba(40, 160, 80, 0.18)"}
"""Seen in both themes; the strokes say the same."""


def show(before: str, after: str) -> None:
    st.html(f'<p dir="auto" style="{STYLE}">{marked(before, after)}</p>')


def marked(before: str, after: str) -> str:
    """HTML of nothing but text, <del> and <ins>."""
    old, new = PIECES.findall(before), PIECES.findall(after)
    if len(old) > MOST or len(new) > MOST:
        return _tag("del", before) + _tag("ins", after)
    parts: list[str] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape("".join(old[i:j])))
        else:
            parts.append(_tag("del", "".join(old[i:j])) + _tag("ins", "".join(new[k:m])))
    return "".join(parts)


def _tag(name: str, text: str) -> str:
    return f'<{name} style="background:{GROUND[name]}">{escape(text)}</{name}>' if text else ""
