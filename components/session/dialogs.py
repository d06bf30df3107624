"""The dialog that stands open in this tab."""

from __future__ import annotations

import streamlit as st

from components.session.keys import DIALOG


def open_dialog(name: str, about: str = "") -> None:
    """Draw this dialog with each run until it is closed: a rerun from elsewhere must not take it away."""
    st.session_state[DIALOG] = (name, about)


def close_dialog() -> None:
    st.session_state.pop(DIALOG, None)


def dialog() -> tuple[str, str] | None:
    """Its name, and what it is about."""
    known: tuple[str, str] | None = st.session_state.get(DIALOG)
    return known
