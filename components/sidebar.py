"""What stands beside every page: the person's conversations, and at the foot what helps to get on."""

from __future__ import annotations

import streamlit as st

from components import (
    about,
    conversation_list,
    preferences,
    session,
    shortcuts,
    sign_in,
    words,
)
from components.mounted import component
from services import frontend
from services.apps import App, Profile
from services.conversations import Conversation
from services.identity import Identity
from services.site import Site


def show(
    site: Site, identity: Identity, app: App, profile: Profile | None, current: Conversation | None = None
) -> None:
    """`current` is the conversation on screen, if any; `profile` is None where the app does not answer."""
    session.stay(app)
    with st.sidebar:
        if profile:
            conversation_list.show(site, identity, app, current)
            st.space("small")
        if site.backend:
            st.caption(words.EMBEDDED, help=words.EMBEDDED_HELP)
        for remark in site.remarks:
            st.caption(words.plain(remark, 200))
        # It stays in sight (look.css): the list above grows as it is scrolled.
        with st.container(key="sidebar-foot", gap=None):
            with st.container(horizontal=True, gap="xsmall"):
                if profile:
                    preferences.show(site.preferences, identity, profile)
                about.way(app)
                shortcuts.show()
            sign_in.foot(site.identities, identity)
            component("drawer", "lists/drawer.js")(
                key="drawer", data=[{"assets": frontend.path(), "turned": session.turned()}]
            )
