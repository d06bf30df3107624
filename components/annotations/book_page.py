"""The annotations page: a section at a time, and above them what became of the last change."""

from __future__ import annotations

import streamlit as st

from components import sections
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
    # What is being edited stays open, too.
    section, before = sections.chosen(SECTION, said.SECTION, names, said.SECTIONS)
    desk = Desk.of(site, identity, app, section)
    if section != before:
        desk.dismiss()
    desk.speak()
    strip.show(desk)
    dict(SECTIONS)[section](desk)
