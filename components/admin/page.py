"""The administration page: a section at a time, and above it what came of the last press."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import sections
from components import words_admin as said
from components.admin import accounts, looks, sessions, trail
from components.admin.desk import Desk
from services.database import StoreError
from services.identity import Identity
from services.site import Site

SECTION = "ad-section"
SECTIONS: dict[str, Callable[[Desk], None]] = {
    "accounts": accounts.show,
    "sessions": sessions.show,
    "looks": looks.show,
    "trail": trail.show,
}


def show(site: Site, identity: Identity) -> None:
    st.title(said.TITLE, anchor=False)
    section, _ = sections.chosen(SECTION, said.SECTION, list(SECTIONS), said.SECTIONS)
    if section != "accounts":
        accounts.put_away()
    desk = Desk(site, identity)
    desk.speak()
    try:
        SECTIONS[section](desk)
    except StoreError:
        st.error(said.STORE, icon=":material/error:")
