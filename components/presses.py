"""Buttons whose press is never lost.

Streamlit tells of a press in one run alone. Where another run interrupts that one before it comes to the
button, as at an answer's end, nobody ever hears of it; so the press is kept until a run has seen it.
"""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from components import session

VALID = 10.0
"""Seconds for which a press waits: what nobody came back to is not done later, unasked."""


def pressed(label: str, *, key: str, **looks: Any) -> bool:
    """Draw a button; whether it was pressed, once for each press. `looks` are those of st.button."""
    note = f"pressed-{key}"
    now = st.button(label, key=key, on_click=lambda: session.keep(note, time.monotonic()), **looks)
    at: float | None = session.kept(note, None)
    if at is None:
        return now  # a restarted site has not known the button when it was pressed
    session.keep(note, None)
    return time.monotonic() - at < VALID
