"""The list of conversations to work on, and what is opened from it."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from components import lists, notices, reading, session, words
from components import words_work as said
from components.presses import pressed
from components.work import panel
from services import frontend
from services.apps import App, Profile
from services.database import StoreError
from services.dify.errors import DifyError
from services.directory import NotTheirs
from services.identity import Denied, Identity
from services.site import Site


def show(site: Site, identity: Identity, app: App, profile: Profile) -> None:
    """All work, or the conversation of an end user that the address names."""
    user, conversation_id = session.query("u"), session.query("c")
    if user and conversation_id:
        if user == identity.user:
            session.open_conversation(app, conversation_id)
        _one(site, identity, app, profile, user, conversation_id)
        return
    st.title(said.TITLE, anchor=False)
    if intent := lists.show("work", {"assets": frontend.path(), "app": app.slug}, "work/list.js"):
        match intent:
            case {"act": "open", "user": str(whose), "id": str(chosen)}:
                _open(identity, app, whose, chosen)


def _open(identity: Identity, app: App, user: str, conversation_id: str) -> NoReturn:
    """One's own in the chat, where it can be gone on with; others' to be read."""
    if user == identity.user:
        session.open_conversation(app, conversation_id)
    session.open_page("work", app, u=user, c=conversation_id)


def _one(site: Site, identity: Identity, app: App, profile: Profile, user: str, conversation_id: str) -> None:
    line = st.container(horizontal=True, vertical_alignment="center")
    with line:
        if pressed(said.BACK, icon=":material/arrow_back:", type="tertiary", key="work-back"):
            session.open_page("work", app)
    try:
        look = site.looks.open(identity, app, user, conversation_id)
    except Denied:
        st.info(said.NOT_ALLOWED, icon=":material/lock:")
    except NotTheirs:
        st.info(said.GONE, icon=":material/search_off:")
    except StoreError:
        st.error(said.STORE, icon=":material/build:")
    except DifyError as error:
        if error.code == "not_found":
            st.info(said.GONE, icon=":material/search_off:")
        else:
            notices.failed(error)
    else:
        message = session.message()
        with line:
            panel.show(site, identity, app, user, conversation_id, message)
        st.subheader(said.OTHERS.format(user=words.plain(user, 60)), anchor=False)
        st.caption(said.READ_ONLY)
        reading.show(profile, look, message)
