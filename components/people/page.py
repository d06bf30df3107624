"""The page: the directory, one person, or a conversation of theirs, as the address says."""

from __future__ import annotations

import streamlit as st

from components import privacy, session
from components import words_people as said
from components.people import card, directory, viewing
from services.apps import App, Profile
from services.identity import Identity, Role
from services.site import Site
from services.store import StoreError

SECTION = "people-section"


def show(site: Site, identity: Identity, app: App, profile: Profile) -> None:
    """For those who may look at other people's conversations."""
    admin = identity.role >= Role.ADMIN
    if admin:
        privacy.told(site)
    try:
        person_id = session.query("p")
        if person_id is None:
            return _sections(site, identity, app) if admin else directory.show(site, identity, app)
        person = site.people.get(identity, app, person_id)
        if person is None:
            directory.back(app)
            st.info(said.GONE, icon=":material/search_off:")
        elif conversation_id := session.query("look"):
            viewing.show(site, identity, app, profile, person, conversation_id)
        else:
            card.show(site, identity, app, person)
    except StoreError:
        st.error(said.STORE, icon=":material/database_off:")


def _sections(site: Site, identity: Identity, app: App) -> None:
    st.title(said.TITLE, anchor=False)
    section = st.segmented_control(
        said.SECTION,
        list(said.SECTIONS),
        default="directory",
        format_func=said.SECTIONS.__getitem__,
        key=SECTION,
        required=True,
        label_visibility="collapsed",
    )
    if section == "privacy":
        privacy.show(site, identity)
    else:
        directory.show(site, identity, app, titled=True)
