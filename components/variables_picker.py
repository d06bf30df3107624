"""Which conversation's variables: the one of the address, or one of the newest to choose from."""

from __future__ import annotations

import streamlit as st

from components import session, words
from components import words_variables as our
from components.presses import pressed
from services.apps import App
from services.conversations import Conversation
from services.directory import NotTheirs
from services.identity import Identity, Role
from services.site import Site
from services.variable_watch import CHATFLOW

AT_ONCE = 100
"""More than this Dify does not give in one piece."""


def chosen(site: Site, identity: Identity, app: App) -> Conversation | None:
    """Draw the choice; returns the conversation, or None with the reason on the page."""
    try:
        conversation = session.asked_conversation(site.directory, identity, app)
    except NotTheirs:
        st.info(words.NOT_THEIRS, icon=":material/search_off:")
        conversation = None
    kind = app.known.info.mode if app.known else ""
    if conversation is None and kind not in {CHATFLOW, ""}:
        st.info(our.NONE_OF_KIND.format(kind=words.plain(kind)), icon=":material/block:")
        return None
    here = conversation.conversation_id if conversation else None
    rows = site.titles.of(app, identity.user, AT_ONCE)
    names = {row.id: row.name or our.UNNAMED.format(id=row.id[:8]) for row in rows or ()}
    if rows is None:
        st.warning(our.LIST_UNREADABLE, icon=":material/cloud_off:")
    if here and here not in names:
        names[here] = our.UNNAMED.format(id=here[:8])
    if names:
        _choice(app, names, here)
    if conversation is None:
        _nothing(site, identity, app, some=bool(names))
    elif not here:
        st.info(our.NOT_YET, icon=":material/hourglass_empty:")
        return None
    return conversation


def _choice(app: App, names: dict[str, str], here: str | None) -> None:
    ids = list(names)
    picked = st.selectbox(
        our.CONVERSATION,
        ids,
        index=ids.index(here) if here else None,
        format_func=lambda each: " ".join(names[each].split()),
        placeholder=our.CHOOSE,
        # One widget for each: going back in the browser is a choice too.
        key=f"variables-of-{here}",
    )
    if picked and picked != here:
        session.go_to(app, picked)
        st.rerun()


def _nothing(site: Site, identity: Identity, app: App, *, some: bool) -> None:
    st.markdown(our.CHOOSE_ABOVE if some else our.NO_CONVERSATION)
    if some or identity.role < Role.AGENT:
        return
    if pressed(words.NEW_CHAT, icon=":material/edit_square:", type="primary", key="first-chat"):
        session.open_conversation(app, site.directory.new_address())
