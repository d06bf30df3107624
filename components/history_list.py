"""The person's conversations as a list to look through: title, when it was begun and when it last went on."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from components import session, visitor, words
from services.apps import App
from services.dify.records import Conversation
from services.directory import Directory
from services.identity import Identity
from services.titles import Titles

AT_ONCE = 100
"""More than this Dify does not give in one piece."""


def show(directory: Directory, titles: Titles, identity: Identity, app: App) -> None:
    """Draw the newest conversations; a press opens one."""
    rows = titles.of(app, identity.user, AT_ONCE)
    if rows is None:
        st.warning(words.LIST_UNREADABLE, icon=":material/cloud_off:")
    elif not rows:
        st.markdown(words.HISTORY_EMPTY)
        if st.button(words.NEW_CHAT, icon=":material/edit_square:", key="first-chat", type="primary"):
            session.open_conversation(app, f"~{directory.new_key()}")
    for row in rows or ():
        _row(app, row)


def _row(app: App, row: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        name = words.plain(row.name or words.NEW_CHAT)
        if st.button(name, key=f"open-{row.id}", type="tertiary"):
            session.open_conversation(app, row.id)
        st.caption(_day(row.updated_at or row.created_at))


def _day(seconds: float | None) -> str:
    if seconds is None:
        return ""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(visitor.zone())
    return moment.strftime("%d %b %Y, %H:%M")
