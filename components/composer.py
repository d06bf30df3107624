"""Where a question is typed."""

from __future__ import annotations

import uuid

import streamlit as st

from components import session, words
from components.asker import Asker
from services.draft import Draft


def show(asker: Asker) -> None:
    """Draw the composer; what is submitted is sent before the page is drawn again."""

    def send(text: str) -> None:
        if text.strip():
            asker.ask(Draft(text), uuid.uuid4().hex)

    def submit() -> None:
        session.take(session.COMPOSER)
        send(session.composer_text())

    refusal = session.refusal()
    placeholder = asker.profile.site.input_placeholder or words.ASK
    session.fill_composer()
    # In st.bottom, not pinned by itself: a pinned chat input pulls a reader back down to the end.
    with st.bottom:
        if refusal:
            st.warning(words.refusal(refusal), icon=":material/info:")
        text = st.chat_input(placeholder, key=session.COMPOSER, on_submit=submit)
    if not session.taken(session.COMPOSER) and text:
        # After a restart of the site the first run knows no callback yet: the text is only returned.
        send(text)
        st.rerun()
