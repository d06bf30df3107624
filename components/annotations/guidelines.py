"""How annotations are to be written: beside the editor, in the curators' own words."""

from __future__ import annotations

import streamlit as st

from components import session, typed
from components import words_annotations as said
from components.annotations import telling
from components.annotations.desk import Desk
from services.database import StoreError

OPEN, FIELD = "an-guidelines-open", "an-guidelines"


def show(desk: Desk) -> None:
    def save() -> None:
        try:
            desk.curation.guidelines.write(desk.identity, str(session.value(FIELD) or ""))
        except ValueError:
            session.keep(OPEN, said.GUIDELINES_LONG)
        except StoreError as error:
            session.keep(OPEN, telling.why(error))
        else:
            _close(field)

    field = typed.name(desk.identity.user, desk.app.slug, FIELD)
    try:
        text = desk.curation.guidelines.text(desk.identity)
    except StoreError:
        return
    opened = session.kept(OPEN, None)
    with st.expander(said.GUIDELINES, icon=":material/menu_book:", expanded=bool(text) or opened is not None):
        if opened is None:
            st.text(text or said.NO_GUIDELINES)
            st.button(
                said.GUIDELINES_EDIT,
                key="an-guidelines-edit",
                type="tertiary",
                on_click=session.keep,
                args=(OPEN, ""),
            )
            return
        first = session.kept(FIELD, None) or text
        with typed.kept(field):
            written = st.text_area(
                said.GUIDELINES, first, key=FIELD, height=240, label_visibility="collapsed"
            )
        session.keep(FIELD, written)
        if opened:
            st.error(opened, icon=":material/error:")
        with st.container(horizontal=True):
            st.button(said.SAVE, key="an-guidelines-save", type="primary", on_click=save)
            st.button(
                said.CANCEL, key="an-guidelines-cancel", type="tertiary", on_click=_close, args=(field,)
            )


def _close(field: str) -> None:
    typed.over(field)
    session.keep(OPEN, None)
    session.keep(FIELD, None)
