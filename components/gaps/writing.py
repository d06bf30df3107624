"""The editor of an annotation for a gap, in the place of the list; below it its test list."""

from __future__ import annotations

import uuid

import streamlit as st

from components import session, words
from components import words_gaps as said
from components.annotations import editor
from components.annotations.desk import Desk, Editing
from components.gaps.acting import UNDOABLE, cover
from components.gaps.asked import Asked
from services.annotations.draft import Draft
from services.annotations.row import Row
from services.apps import App
from services.gaps.gaps import MOST_CASES
from services.gaps.miss import Gap
from services.identity import Identity
from services.site import Site

PLACE, WRITING = "gaps", "ga-writing"


def begin(asked: Asked, app: App, gap: Gap, question: str = "", row: Row | None = None) -> None:
    """For callbacks: open the editor, with this question or the one that stands for the gap, or with a row
    that is there."""
    site, identity = asked.site, asked.identity

    def saved(what: Row | Draft) -> None:
        cover(site, identity, app, gap, what)

    texts = row.texts if row else (question or gap.question, "")
    editing = Editing(uuid.uuid4().hex, *texts, row=row, saved=saved)
    session.keep(UNDOABLE, None)
    session.keep(WRITING, (app.slug, gap))
    Desk.of(site, identity, app, PLACE).edit(editing)


def show(site: Site, identity: Identity) -> bool:
    """Draw it, if one is open."""
    slug, gap = session.kept(WRITING, ("", None))
    app = next((each for each in site.apps_of(identity) if each.slug == slug), None)
    if app is None or not isinstance(gap, Gap):
        return False
    desk = Desk.of(site, identity, app, PLACE)
    if desk.editing is None:
        return False
    editor.show(desk, desk.editing)
    others = list(gap.phrasings)[:MOST_CASES]
    with st.expander(said.TEST_LIST, icon=":material/fact_check:", expanded=len(others) > 1):
        st.caption(said.TEST_LIST_MEANS)
        st.markdown("\n".join(f"- {words.plain(each, 200)}" for each in others))
    return True
