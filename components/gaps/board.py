"""The gaps page: groups of questions without a good answer, and the way from each to an annotation."""

from __future__ import annotations

import time

import streamlit as st

from components import session, visitor, words
from components import words_gaps as said
from components.annotations.desk import Desk
from components.gaps import card, phrases, writing
from components.gaps.acting import UNDOABLE, Undoable, take_back
from components.gaps.asked import Asked
from services.annotations.comparing import Comparison
from services.apps import App
from services.database import StoreError
from services.dify.errors import DifyError
from services.gaps.miss import Gap
from services.identity import Identity
from services.numbers.period import Period
from services.site import Site

DAYS, APP, SHOW, SHOWN = "ga-days", "ga-app", "ga-show", "ga-shown"
PAGE = 15
"""Groups drawn at once."""
STANDINGS = {"open": {"open", "back"}, "covered": {"covered", "drafted"}, "dismissed": {"dismissed"}}


def show(site: Site, identity: Identity, app: App) -> None:
    st.title(said.TITLE, anchor=False)
    Desk.of(site, identity, app, writing.PLACE).speak()
    if writing.show(site, identity):
        return
    intro = st.empty()
    asked = _asked(site, identity, app)
    try:
        for each in asked.apps:
            site.gaps.settle(identity, each)
        with st.spinner(said.LOOKING):
            gaps = site.gaps.found(identity, asked.period, asked.slugs)
    except StoreError:
        st.warning(said.UNREADABLE, icon=":material/error:")
        return
    intro.caption(said.INTRO.format(way=said.WAYS[site.gaps.meanings.way]))
    place = st.container()  # always: what is below keeps its place
    with place:
        _undo(asked)
    _list(asked, gaps)
    phrases.show(site, identity, app)


def _asked(site: Site, identity: Identity, app: App) -> Asked:
    mine = {each.slug: each for each in site.apps_of(identity)}
    session.begin_with(DAYS, session.kept(DAYS, 30))
    session.begin_with(APP, session.kept(APP, app.slug))
    slug: str | None = app.slug
    with st.container(horizontal=True, vertical_alignment="top"):
        days = st.segmented_control(
            said.PERIOD, list(said.PERIODS), format_func=said.PERIODS.__getitem__, key=DAYS, required=True
        )
        if len(mine) > 1:
            slug = st.selectbox(
                said.NEEDS_APP,
                [*mine, ""],
                format_func=lambda each: words.line(mine[each].name, 60) if each else said.ALL_APPS,
                key=APP,
                width=260,
            )
    session.keep(DAYS, days)
    session.keep(APP, slug)
    apps = (mine[slug],) if slug in mine else tuple(mine.values())
    return Asked(site, identity, Period.of_days(int(days or 30), visitor.zone(), time.time()), apps)


def _undo(asked: Asked) -> None:
    done = session.kept(UNDOABLE, None)
    if not isinstance(done, Undoable):
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="ga-strip"):
        st.markdown(done.words, width="stretch")
        if done.covered and st.button(said.TESTS, key="ga-tests", type="tertiary"):
            session.open_page("annotations", done.covered)
        if done.marks:
            label = said.BRING_BACK if done.covered else said.UNDO
            st.button(
                label, key="ga-undo", icon=":material/undo:", on_click=take_back, args=(asked, done.marks)
            )


def _list(asked: Asked, gaps: tuple[Gap, ...]) -> None:
    session.begin_with(SHOW, session.kept(SHOW, "open"))
    counts = {name: sum(gap.standing in which for gap in gaps) for name, which in STANDINGS.items()}
    picked = st.segmented_control(
        said.SHOW,
        list(STANDINGS),
        format_func=lambda name: f"{said.SHOWS[name]} ({counts[name]:,})",
        key=SHOW,
        required=True,
        label_visibility="collapsed",
    )
    show = str(picked or "open")
    session.keep(SHOW, show)
    found = [gap for gap in gaps if gap.standing in STANDINGS[show]]
    if not found:
        _nothing(show)
        return
    shown = int(session.kept(SHOWN, PAGE))
    comparisons = _comparisons(asked) if show == "open" else {}
    if None in comparisons.values():
        st.caption(said.UNKNOWN_ROWS)
    for gap in found[:shown]:
        card.show(asked, gap, comparisons)
    if len(found) > shown:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(said.SHOW_MORE, key="ga-more", on_click=session.keep, args=(SHOWN, shown + PAGE))
            st.caption(said.SHOWN.format(shown=shown, all=f"{len(found):,}"))


def _nothing(show: str) -> None:
    st.info(said.NONE[show], icon=":material/task_alt:")
    if show == "open":
        if session.value(DAYS) != max(said.PERIODS):
            st.button(said.LONGER, key="ga-longer", on_click=session.put, args=(DAYS, max(said.PERIODS)))
    else:
        st.button(said.TO_OPEN, key="ga-to-open", on_click=session.put, args=(SHOW, "open"))


def _comparisons(asked: Asked) -> dict[str, Comparison | None]:
    """By app, with the annotations that are there; None where the app does not tell them."""
    found: dict[str, Comparison | None] = {}
    for app in asked.apps:
        desk = Desk.of(asked.site, asked.identity, app, writing.PLACE)
        try:
            found[app.slug] = Comparison(desk.book.look(asked.identity).rows)
        except (DifyError, StoreError):
            found[app.slug] = None
    return found
