"""The annotations page: a section at a time, and above them what became of the last change."""

from __future__ import annotations

import streamlit as st

from components import session
from components import words_annotations as said
from components.annotations import strip
from components.annotations.desk import Desk
from components.annotations.sections import SECTIONS
from services.apps import App
from services.identity import Identity, Role
from services.site import Site

SECTION = "an-section"


def show(site: Site, identity: Identity, app: App) -> None:
    st.title(said.TITLE, anchor=False)
    if identity.role < Role.CURATOR:
        st.info(said.NOT_CURATOR, icon=":material/lock:")
        return
    names = [name for name, _, _ in SECTIONS]
    icons = {name: icon for name, icon, _ in SECTIONS}
    # What is being edited stays open, wherever the reader was meanwhile.
    here = session.kept(SECTION, names[0])
    picked = st.segmented_control(
        said.TITLE,
        names,
        default=here,
        format_func=lambda name: f"{icons[name]} {said.SECTIONS[name]}",
        key=SECTION,
        required=True,
        label_visibility="collapsed",
    )
    section = picked or here
    session.keep(SECTION, section)
    desk = Desk.of(site, identity, app, section)
    desk.speak()
    strip.show(desk)
    next(draw for name, _, draw in SECTIONS if name == section)(desk)
