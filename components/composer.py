"""Where a question is typed, and what becomes of it when it cannot be sent: the text is never lost."""

from __future__ import annotations

import uuid

import streamlit as st

from components import session, words
from services.apps import App
from services.conversations import Conversation
from services.draft import Draft
from services.identity import Identity
from services.runs import Busy, Runs, TooLong


def show(runs: Runs, identity: Identity, app: App, conversation: Conversation, placeholder: str) -> None:
    """Draw the composer; what is submitted is sent before the page is drawn again."""

    def send(text: str) -> None:
        if text.strip():
            ask(runs, identity, app, conversation, Draft(text), uuid.uuid4().hex)

    def submit() -> None:
        session.take(session.COMPOSER)
        send(session.composer_text())

    refusal = session.refusal()
    # In st.bottom, not pinned by itself: a pinned chat input pulls a reader back down to the end.
    with st.bottom:
        if refusal:
            st.warning(words.REFUSALS[refusal], icon=":material/info:")
        text = st.chat_input(placeholder or words.ASK, key=session.COMPOSER, on_submit=submit)
    if not session.taken(session.COMPOSER) and text:
        # After a restart of the site the first run knows no callback yet: the text is only returned.
        send(text)
        st.rerun()


def ask(
    runs: Runs, identity: Identity, app: App, conversation: Conversation, draft: Draft, send_id: str
) -> None:
    """Put a question; where that is refused, its text goes back into the composer with the reason."""
    session.refused(None)
    try:
        runs.start(identity, app.client, conversation, draft, send_id)
    except Busy:
        session.keep_text(draft.query)
        session.refused("busy")
    except TooLong:
        session.keep_text(draft.query)
        session.refused("too_long")
