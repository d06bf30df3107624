"""One rating: its conversation at the message that was rated, beside a better answer in the making."""

from __future__ import annotations

import streamlit as st

from components import notices, reading, session, words
from components import words_feedback as said
from components.annotations import telling
from components.feedback import correcting, keys, opening
from components.presses import pressed
from components.work import panel
from services.apps import App, Profile
from services.database import StoreError
from services.dify.errors import DifyError
from services.feedback.query import Row
from services.feedback.reaching import Reached, Unreached
from services.identity import Identity
from services.site import Site

REACHED, TROUBLE = "fb-reached", "fb-trouble"
HEIGHT = 640
"""Pixels: the editor beside it stays in sight."""
KEYS = {"j": "fb-next", "k": "fb-previous", "a": "fb-annotate", "e": "fb-annotate", "h": "fb-handle"}


def show(site: Site, identity: Identity, app: App, profile: Profile, row_id: str) -> None:
    try:
        row = site.feedback.row(identity, app, row_id)
        _way(site, identity, app, row)
        if row is None:
            st.info(said.GONE, icon=":material/undo:")
            return
        _rating(row, identity)
        left, right = st.columns(2, gap="large")
        with left:
            reached = _conversation(site, identity, app, profile, row)
        with right:
            correcting.show(site, identity, app, row, reached)
    except StoreError:
        st.warning(said.NO_STORE, icon=":material/error:")
    st.caption(said.KEYS)
    keys.listen(KEYS, correcting.FIELD, "ae")


def _way(site: Site, identity: Identity, app: App, row: Row | None) -> None:
    """The ways from here; a press is kept until a run has seen it."""
    before, after = site.feedback.beside(identity, app, opening.query(), row) if row else (None, None)
    with st.container(horizontal=True, vertical_alignment="center", key="fb-way"):
        if pressed(said.BACK, key="fb-back", icon=":material/arrow_back:", type="tertiary"):
            opening.back(app)
        st.space("stretch")
        if row:
            st.button(
                said.REOPEN if row.handled_at else said.HANDLE,
                key="fb-handle",
                icon=":material/undo:" if row.handled_at else ":material/check:",
                on_click=_handle,
                args=(site, identity, app, row),
            )
        for label, key, icon, to in (
            (said.PREVIOUS, "fb-previous", ":material/arrow_upward:", before),
            (said.NEXT, "fb-next", ":material/arrow_downward:", after),
        ):
            if pressed(label, key=key, icon=icon, disabled=to is None) and to:
                opening.turn_to(app, to)


def _handle(site: Site, identity: Identity, app: App, row: Row) -> None:
    try:
        site.feedback.handle(identity, app, row.id, not row.handled_at)
    except StoreError:
        session.keep(TROUBLE, said.NO_STORE)


def _rating(row: Row, identity: Identity) -> None:
    if trouble := session.kept(TROUBLE, ""):
        session.keep(TROUBLE, "")
        st.warning(trouble, icon=":material/error:")
    with st.container(border=True, key="fb-rating"):
        with st.container(horizontal=True, vertical_alignment="center"):
            disliked = row.rating == "dislike"
            st.badge(
                said.DISLIKE if disliked else said.LIKE,
                icon=":material/thumb_down:" if disliked else ":material/thumb_up:",
                color="red" if disliked else "green",
            )
            st.caption(f"{words.plain(_who(row))} · {telling.when(row.created_at)}", width="stretch")
        st.text(row.content or said.NO_REASON)
        if row.handled_at:
            by = telling.who(row.handled_by, identity)
            st.caption(":material/check: " + said.HANDLED.format(who=by, when=telling.when(row.handled_at)))


def _who(row: Row) -> str:
    if row.name or row.user:
        return row.name or row.user
    if row.source == "admin":
        return said.TEAM
    return said.END_USER.format(id=row.end_user_id[:6]) if row.end_user_id else said.ANONYMOUS


def _conversation(site: Site, identity: Identity, app: App, profile: Profile, row: Row) -> Reached | None:
    st.subheader(said.CONVERSATION, anchor=False)
    try:
        with st.spinner(said.CONVERSATION, show_time=False):
            reached = _reached(site, identity, app, row)
    except Unreached as refusal:
        st.info(said.UNREACHED[refusal.why], icon=":material/link_off:")
        return None
    except DifyError as error:
        notices.failed(error)
        return None
    st.caption(said.LOOKED)
    with st.container(height=HEIGHT, key="fb-conversation"):
        reading.show(profile, reached.look, find=row.message_id)
    user = reached.look.conversation.user
    panel.show(site, identity, app, user, row.conversation_id, row.message_id, is_open=False)
    return reached


def _reached(site: Site, identity: Identity, app: App, row: Row) -> Reached:
    """Asked of Dify once for each look."""
    known = session.kept(REACHED, None)
    if (
        isinstance(known, Reached)
        and known.turn.message_id == row.message_id
        and site.looks.holds(identity, known.look.key)
    ):
        return known
    reached = site.feedback.reach(identity, app, row)
    session.keep(REACHED, reached)
    return reached
