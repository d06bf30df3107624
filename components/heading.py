"""The line on top of the chat: whose app this is, and whether it is only the demo."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import words
from services.apps import Profile


def show(profile: Profile, *, demo: bool) -> DeltaGenerator:
    """Draw it; returns the line, for what else stands in it."""
    st.set_page_config(page_title=profile.name)
    line = st.container(horizontal=True, vertical_alignment="center")
    with line:
        # A picture is shown in the transcript: Streamlit would draw it here as wide as it is.
        icon = f"{words.plain(profile.icon)} " if profile.icon else ""
        st.title(f"{icon}{words.plain(profile.name)}", anchor=False, width="content")
        if demo:
            st.badge(words.DEMO, icon=":material/science:", color="blue", help=words.EMBEDDED_HELP)
    return line
