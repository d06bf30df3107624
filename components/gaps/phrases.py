"""The list of phrases by which an answer of an app says that it does not know."""

from __future__ import annotations

import streamlit as st

from components import session, typed, words
from components import words_gaps as said
from services.apps import App
from services.database import StoreError
from services.identity import Identity
from services.site import Site

TEXT, TOLD = "ga-phrases", "ga-phrases-told"


def show(site: Site, identity: Identity, app: App) -> None:
    with st.expander(said.PHRASES, icon=":material/psychology_alt:"):
        st.caption(said.PHRASES_MEANS)
        widget = f"{TEXT}-{app.slug}"
        session.begin_with(widget, session.kept(widget, None) or site.gaps.phrases.text(app.slug))
        with typed.kept(_field(identity, app)):
            text = st.text_area(said.PHRASES_OF.format(app=words.label(app.name)), key=widget, height=220)
        session.keep(widget, text)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                said.PHRASES_SAVE, key="ga-phrases-save", on_click=_save, args=(site, identity, app, widget)
            )
            if told := session.kept(TOLD, ""):
                session.keep(TOLD, "")
                st.caption(told)


def _save(site: Site, identity: Identity, app: App, widget: str) -> None:
    try:
        site.gaps.phrases.write(identity, app.slug, session.value(widget) or "")
        site.gaps.forget(identity)
        typed.over(_field(identity, app))
        told = said.PHRASES_SAVED
    except ValueError:
        told = said.PHRASES_LONG
    except StoreError:
        told = said.UNREADABLE
    session.keep(TOLD, told)


def _field(identity: Identity, app: App) -> str:
    return typed.name(identity.user, app.slug, TEXT)
