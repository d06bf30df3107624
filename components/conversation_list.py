"""The person's conversations in the sidebar: newest first, each a link."""

from __future__ import annotations

import streamlit as st

from components import session, words
from services.apps import App
from services.conversations import Conversation
from services.directory import Directory
from services.identity import Identity
from services.titles import Titles

SHOWN = 30


def show(
    directory: Directory, titles: Titles, identity: Identity, app: App, current: Conversation | None
) -> None:
    """ "New chat", then the newest conversations; the one on screen is marked."""
    if st.button(words.NEW_CHAT, icon=":material/edit_square:", key="new-chat", width="stretch"):
        session.open_conversation(app, f"~{directory.new_key()}")
    rows = titles.of(app, identity.user, SHOWN)
    if not rows:
        st.caption(words.LIST_UNREADABLE if rows is None else words.NO_CONVERSATIONS)
        return
    here = current.conversation_id if current else None
    for row in rows:
        pressed = st.button(
            words.plain(row.name or words.NEW_CHAT, 34),
            key=f"conversation-{row.id}",
            type="secondary" if row.id == here else "tertiary",
        )
        if pressed:
            session.open_conversation(app, row.id)
