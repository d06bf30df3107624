"""What stands beside every page: the person's conversations, and at the foot what helps to get on."""

from __future__ import annotations

import streamlit as st

from components import conversation_list, words
from services.apps import App
from services.conversations import Conversation
from services.identity import Identity
from services.site import Site


def show(site: Site, identity: Identity, app: App, current: Conversation | None = None) -> None:
    """`current` is the conversation on screen, if there is one."""
    with st.sidebar:
        conversation_list.show(site.directory, site.titles, identity, app, current)
        st.space("small")
        if site.backend:
            st.caption(words.EMBEDDED, help=words.EMBEDDED_HELP)
        with st.popover(words.KEYBOARD, icon=":material/keyboard:", type="tertiary"):
            _shortcuts()
        for remark in site.remarks:
            st.caption(words.plain(remark, 200))


def _shortcuts() -> None:
    # Imported where it is drawn: it brings a charting library along.
    from streamlit_extras.keyboard_text import key, load_key_css

    load_key_css()
    for keys, meaning in words.SHORTCUTS:
        with st.container(horizontal=True, vertical_alignment="center"):
            key(keys)
            st.markdown(meaning)
