"""The one style sheet beside the theme of .streamlit/config.toml: what no setting reaches, on every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SHEET = Path(__file__).with_name("look.css")


def dress() -> None:
    st.html(SHEET)
