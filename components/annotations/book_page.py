"""The annotations page: a section at a time, and above them what became of the last change."""

from __future__ import annotations

import streamlit as st

from components import session
from components import words_annotations as said
from components.annotations import strip
from components.annotations.desk import Desk
from components.annotations.sections import SECTIONS
from services.apps import App
from services.identity import Identity
from services.site import Site

SECTION = "an-section"


def show(site: Site, identity: Identity, app: App) -> None:
    st.title(said.TITLE, anchor=False)
    names = [name for name, _ in SECTIONS]
    # What is being edited stays open, wherever the reader was meanwhile.
    here = session.kept(SECTION, names[0])
    picked = st.segmented_control(
        said.SECTION,
        names,
        default=here,
        format_func=said.SECTIONS.__getitem__,
        key=SECTION,
        required=True,
        label_visibility="collapsed",
        wrap=False,
    )
    section = picked or here
    session.keep(SECTION, section)
    desk = Desk.of(site, identity, app, section)
    if section != here:
        desk.dismiss()
    desk.speak()
    strip.show(desk)
    dict(SECTIONS)[section](desk)
