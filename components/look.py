"""The one style sheet beside the theme of .streamlit/config.toml: what no setting reaches, on every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components import visitor

SHEET = Path(__file__).with_name("look.css")
DARK = "<style>[data-testid=stDialog] { color-scheme: dark; }</style>"
"""Dialogs stand outside of the app, and nothing in the page tells a style sheet of their theme."""


def dress() -> None:
    st.html(SHEET)
    if visitor.in_the_dark():
        st.html(DARK)
