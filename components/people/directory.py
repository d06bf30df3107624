"""All people who were seen, and the look-up of one by Dify's id."""

from __future__ import annotations

import streamlit as st

from components import lists, notices, session, words
from components import words_people as said
from components.presses import pressed
from services import frontend
from services.apps import App
from services.dify.errors import DifyError, EndpointMissing, NotFound
from services.identity import Identity, Role
from services.people.people import NoId
from services.site import Site

FIELD = "people-id"


def show(site: Site, identity: Identity, app: App, *, titled: bool = False) -> None:
    """Rows come by routes/people.py, as many as are looked at. Raises StoreError."""
    if not titled:
        st.title(said.TITLE, anchor=False)
    st.caption(said.ONLY_SEEN.format(app=words.plain(app.name)))
    site.harvest.begin(app)
    if identity.role >= Role.ADMIN:
        _look_up(site, identity, app)
    match lists.show("people", {"assets": frontend.path(), "app": app.slug}):
        case {"act": "open", "id": str(person_id)}:
            session.open_page("people", app, p=person_id)


def back(app: App) -> None:
    """The button that leads here."""
    if pressed(said.BACK, icon=":material/arrow_back:", type="tertiary", key="people-back"):
        session.open_page("people", app)


def _look_up(site: Site, identity: Identity, app: App) -> None:
    with st.expander(said.LOOK_UP, icon=":material/person_search:"):
        session.begin_with(FIELD, session.kept(FIELD, None))
        typed = st.text_input(said.LOOK_UP_LABEL, key=FIELD, help=said.LOOK_UP_HELP, max_chars=64)
        session.keep(FIELD, typed)
        if not (pressed(said.LOOK_UP_GO, key="people-look-up") and typed):
            return
        try:
            person = site.people.look_up(identity, app, typed)
        except NoId:
            st.warning(said.NO_ID, icon=":material/pin:")
        except EndpointMissing:
            st.warning(said.NO_ENDPOINT, icon=":material/history:")
        except NotFound:
            st.info(said.NO_END_USER, icon=":material/search_off:")
        except DifyError as error:
            notices.failed(error)
        else:
            session.open_page("people", app, p=person.id)
