"""One person: what this site knows, what Dify says, and the conversations there are to read."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from components import notices, privacy, session, words
from components import words_people as said
from components.people import directory
from components.presses import pressed
from components.variable_values import moment
from services.apps import App
from services.dify.end_users import EndUser
from services.dify.errors import DifyError, EndpointMissing, NotFound
from services.dify.records import Conversation
from services.identity import Identity, Role
from services.people.table import Person
from services.site import Site

SHOWN = 25
"""Conversations at a time; each is some elements of the page."""


def show(site: Site, identity: Identity, app: App, person: Person) -> None:
    """Raises StoreError."""
    directory.back(app)
    st.title(words.plain(person.shown), anchor=False)
    described = _described(site, identity, app, person)
    user = person.user or (described.user if described else "")
    ids, facts = st.columns([3, 2], gap="medium")
    with ids:
        _id(said.EXTERNAL, user)
        _id(said.END_USER, person.end_user_id)
        if not person.end_user_id:
            st.caption(said.NO_DIFY_ID)
    with facts, st.container(gap="xxsmall"):
        for name, held in _facts(person, described):
            st.markdown(f":small[:gray[{name}] &nbsp; {words.plain(held, 120)}]")
    st.subheader(said.CONVERSATIONS, anchor=False)
    if not user:
        st.info(said.NO_USER, icon=":material/person_off:")
        return
    _conversations(site, identity, app, person, user)
    if identity.role >= Role.ADMIN:
        privacy.offer(site, identity, user)


def _id(name: str, held: str) -> None:
    """With a button to copy it."""
    st.caption(name)
    if held:
        st.code(held, language=None, wrap_lines=True)
    else:
        st.markdown(said.UNKNOWN)


def _facts(person: Person, described: EndUser | None) -> Iterable[tuple[str, str]]:
    yes_no = {True: words.YES, False: words.NO, None: said.UNKNOWN}
    told = described or EndUser("")
    yield said.NAME, told.name or person.name or said.UNKNOWN
    yield said.TYPE, told.type or person.type or said.UNKNOWN
    yield said.ANONYMOUS, yes_no[told.is_anonymous if described else person.anonymous]
    if described:
        yield said.SESSION, told.session_id or said.UNKNOWN
        yield said.CREATED, moment(told.created_at)
        yield said.UPDATED, moment(told.updated_at)
    yield said.FIRST, moment(person.first_seen)
    yield said.LAST, moment(person.last_seen)
    yield said.KNOWN, ", ".join(said.HOW.get(each, each) for each in person.how) or said.UNKNOWN


def _described(site: Site, identity: Identity, app: App, person: Person) -> EndUser | None:
    """Asked for once, as long as this card is looked at."""
    note = f"end-user-{person.id}"
    known: EndUser | None = session.kept(note, None)
    if known or not person.end_user_id:
        return known
    try:
        known = site.people.described(identity, app, person)
    except EndpointMissing:
        st.caption(said.NO_ENDPOINT)
    except NotFound:
        st.caption(said.NO_END_USER)
    except DifyError as error:
        notices.failed(error)
    session.keep(note, known)
    return known


def _conversations(site: Site, identity: Identity, app: App, person: Person, user: str) -> None:
    note = f"person-conversations-{person.id}"
    rows: tuple[Conversation, ...] | None
    rows, after, shown = session.kept(note, (None, None, SHOWN))
    if pressed(said.AGAIN, icon=":material/refresh:", type="tertiary", key="person-again"):
        rows, after, shown = None, None, SHOWN
    if pressed_more := session.kept("person-more-pressed", False):
        session.keep("person-more-pressed", False)
        shown += SHOWN
    try:
        if rows is None or (pressed_more and after and shown > len(rows)):
            page = site.looks.conversations(identity, app, user, after)
            rows = (*(rows or ()), *page.data)
            after = page.data[-1].id if page.has_more and page.data else None
    except DifyError as error:
        notices.failed(error)
    session.keep(note, (rows, after, shown))
    if rows is not None and not rows:
        st.info(said.NO_CONVERSATIONS, icon=":material/forum:")
    with st.container(gap="xxsmall"):
        for row in (rows or ())[:shown]:
            _row(app, person, row)
    if after or len(rows or ()) > shown:
        st.button(said.MORE, key="person-more", on_click=lambda: session.keep("person-more-pressed", True))


def _row(app: App, person: Person, row: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = words.label(row.name, 100) or said.UNNAMED
        if pressed(name, icon=":material/forum:", type="tertiary", key=f"look-{row.id}"):
            session.open_page("people", app, p=person.id, look=row.id)
        st.caption(said.CHANGED.format(time=moment(row.updated_at or row.created_at)))
