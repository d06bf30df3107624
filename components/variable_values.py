"""A variable's value as something to look at: by its type, and never as markdown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from components import session, visitor
from components import words_variables as our
from components.presses import pressed
from services.dify.variables import Variable
from services.variable_types import kind_of, written

LONG = 12
"""Lines from which a value gets a box that scrolls."""


def show(variable: Variable, key: str) -> None:
    """Draw the value; a secret stays masked until it is asked for. `key` names this place on the page."""
    if kind_of(variable.value_type) != "secret":
        draw(variable.value)
        return
    shown = session.kept(key, False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(written(variable.value) if shown else our.MASKED, width="content")
        label, icon = (our.HIDE, "visibility_off") if shown else (our.REVEAL, "visibility")
        if pressed(label, icon=f":material/{icon}:", type="tertiary", key=f"{key}-press"):
            session.keep(key, not shown)
            st.rerun()


def draw(value: Any) -> None:
    """Draw a value that is no secret."""
    if value is None or value == "":
        st.caption(our.EMPTY)
    elif isinstance(value, bool):
        st.markdown(
            f":material/check_box: {our.TRUE}" if value else f":material/check_box_outline_blank: {our.FALSE}"
        )
    elif isinstance(value, dict | list):
        _code(_pretty(value))
    elif isinstance(value, str) and (len(value) > 80 or "\n" in value):
        _code(value)
    else:
        st.text(written(value))


def moment(seconds: float | None) -> str:
    """A time in the reader's own zone; "" for none."""
    if seconds is None:
        return ""
    there = datetime.fromtimestamp(seconds, UTC).astimezone(visitor.zone())
    return there.strftime("%d %b %Y, %H:%M:%S")


def _pretty(value: Any) -> str:
    """On one line where that is short."""
    try:
        line = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return written(value)
    return line if len(line) <= 80 else written(value)


def _code(text: str) -> None:
    tall = text.count("\n") >= LONG or len(text) > 80 * LONG
    # Without a language: the colours of Streamlit's are too pale to read.
    st.code(text, language=None, wrap_lines=True, height=260 if tall else "content")
