"""All feedback: how far it is read, how much was liked, and the list; its rows come by routes/feedback.py."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import lists, session, words
from components import words_feedback as said
from components.annotations import telling
from components.feedback import numbers, opening
from services import frontend
from services.apps import App
from services.database import StoreError
from services.dify.errors import EndpointMissing
from services.feedback.inbox import Standing
from services.identity import Identity
from services.site import Site

READING = 1.0
"""Seconds after which the page looks again how far the reading is."""


def show(site: Site, identity: Identity, app: App) -> None:
    try:
        standing = site.feedback.standing(identity, app)
        _standing(site, identity, app, standing)
        numbers.show(site, identity, app)
    except StoreError:
        st.warning(said.NO_STORE, icon=":material/error:")
    data = {"assets": frontend.path(), "app": app.slug, "at": session.kept(opening.LAST, "")}
    if intent := lists.show("feedback", data):
        _do(app, intent)


def _do(app: App, intent: Mapping[str, object]) -> None:
    match intent:
        case {"act": "open", "id": str(row_id), "query": dict(query)}:
            opening.turn_to(app, row_id, query, annotate=intent.get("annotate") is True)


def _standing(site: Site, identity: Identity, app: App, standing: Standing) -> None:
    if standing.reading and standing.whole:
        _under_way(site, identity, app)
        return
    if standing.failure:
        _failed(standing)
    with st.container(horizontal=True, vertical_alignment="center"):
        if standing.complete_at:
            st.caption(said.READ_AT.format(when=telling.when(standing.complete_at)), width="stretch")
        st.button(
            said.READ_AGAIN,
            key="fb-again",
            icon=":material/refresh:",
            type="tertiary",
            on_click=site.feedback.read_again,
            args=(identity, app),
        )


@st.fragment(run_every=READING)
def _under_way(site: Site, identity: Identity, app: App) -> None:
    standing = site.feedback.standing(identity, app)
    if not standing.reading:
        st.rerun()
    st.progress(0.0, text=said.READING.format(n=f"{standing.known:,}"))


def _failed(standing: Standing) -> None:
    error = standing.failure
    if isinstance(error, StoreError):
        st.warning(said.NO_STORE, icon=":material/error:")
    elif isinstance(error, EndpointMissing):
        st.info(said.NOT_THERE, icon=":material/update:")
    elif error:
        known = words.ERRORS.get(error.code)
        reason = f"{known['title']} {known['advice']}" if known else words.plain(error.message, 300)
        st.warning(f"{said.FAILED} {reason}", icon=":material/error:")
