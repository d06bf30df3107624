"""What stands beside every page: the person's conversations, and at the foot what helps to get on."""

from __future__ import annotations

import streamlit as st

from components import about, conversation_list, preferences, words
from services.apps import App, Profile
from services.conversations import Conversation
from services.identity import Identity
from services.site import Site


def show(
    site: Site, identity: Identity, app: App, profile: Profile, current: Conversation | None = None
) -> None:
    """`current` is the conversation on screen, if there is one."""
    with st.sidebar:
        conversation_list.show(site.directory, site.titles, identity, app, current)
        st.space("small")
        if site.backend:
            st.caption(words.EMBEDDED, help=words.EMBEDDED_HELP)
        preferences.show(site.preferences, identity, profile)
        about.show(profile)
        # A dialog, drawn when it is asked for: what nobody looks at need not travel with each run. A popover
        # that says when it closes does so late, and then takes a reader back from the page just turned to.
        if st.button(words.KEYBOARD, icon=":material/keyboard:", type="tertiary", key="keyboard"):
            _shortcuts()
        for remark in site.remarks:
            st.caption(words.plain(remark, 200))


@st.dialog(words.KEYBOARD)
def _shortcuts() -> None:
    # Imported where it is drawn: it brings a charting library along.
    from streamlit_extras.keyboard_text import key, load_key_css

    load_key_css()
    for keys, meaning in words.SHORTCUTS:
        with st.container(horizontal=True, vertical_alignment="center"):
            key(keys)
            st.markdown(meaning)
