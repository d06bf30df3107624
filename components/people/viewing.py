"""A conversation of somebody else, to be read: never to speak as them."""

from __future__ import annotations

import streamlit as st

from components import notices, reading, session, words
from components import words_people as said
from components.presses import pressed
from components.work import panel
from services.apps import App, Profile
from services.dify.errors import DifyError, NotFound
from services.directory import NotTheirs
from services.identity import Identity
from services.people.table import Person
from services.site import Site


def show(
    site: Site, identity: Identity, app: App, profile: Profile, person: Person, conversation_id: str
) -> None:
    """Raises StoreError: what cannot be written down is not shown."""
    if pressed(
        said.BACK_TO.format(name=words.label(person.shown, 60)),
        icon=":material/arrow_back:",
        type="tertiary",
        key="person-back",
    ):
        session.open_page("people", app, p=person.id)
    try:
        look = site.looks.open(identity, app, person.user, conversation_id)
    except (NotTheirs, NotFound):
        st.info(said.NOT_THERE, icon=":material/search_off:")
    except DifyError as error:
        notices.failed(error)
    else:
        st.info(said.READ_ONLY.format(name=words.plain(person.shown)), icon=":material/visibility:")
        message = session.query("m")
        panel.show(site, identity, app, person.user, conversation_id, message, is_open=False)
        reading.show(profile, look, message)
