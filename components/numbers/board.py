"""The numbers page: a period and an app, the sums, a chart by day, and a table to take away."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from components import session, visitor
from components import words_numbers as said
from components.numbers import charts, tables, tiles
from services.apps import App
from services.database import StoreError
from services.identity import Identity
from services.numbers.period import Period
from services.site import Site

DAYS, APP = "nu-days", "nu-app"
EVERY = ""
"""All apps that this person may use."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is about."""

    site: Site
    identity: Identity
    period: Period
    days: int
    slug: str
    """EVERY, or an app's."""

    @property
    def apps(self) -> tuple[str, ...] | None:
        return self.site.counted(self.identity, self.slug)


def show(site: Site, identity: Identity, app: App) -> None:
    st.title(said.TITLE, anchor=False)
    asked = _asked(site, identity)
    try:
        since = site.numbers.since(identity, asked.apps)
        if since is None:
            _nothing(site, app)
            return
        report = site.numbers.report(identity, asked.period, asked.apps)
        first = datetime.fromtimestamp(since, UTC).astimezone(visitor.zone())
        st.caption(said.COVERED.format(since=f"{first:%d %B %Y}".lstrip("0")))
        if not report.total.questions:
            st.info(said.NONE_THEN, icon=":material/event_busy:")
            if asked.days < max(said.PERIODS):
                st.button(said.LONGER, key="nu-longer", on_click=_longer)
            return
        tiles.show(report)
        charts.show(report)
        tables.show(site, identity, asked, report)
    except StoreError:
        st.warning(said.UNREADABLE, icon=":material/error:")


def _asked(site: Site, identity: Identity) -> Asked:
    session.begin_with(DAYS, session.kept(DAYS, 30))
    mine = [app.slug for app in site.apps_of(identity)]
    slug = session.kept(APP, EVERY)
    session.begin_with(APP, slug if slug in mine else EVERY)
    with st.container(horizontal=True, vertical_alignment="top"):
        picked = st.segmented_control(
            said.PERIOD,
            list(said.PERIODS),
            format_func=said.PERIODS.__getitem__,
            key=DAYS,
            required=True,
        )
        if len(mine) > 1:
            slug = st.selectbox(
                said.APP,
                [EVERY, *mine],
                format_func=lambda each: tables.app_name(site, each) if each else said.ALL_APPS,
                key=APP,
                width=260,
            )
        else:
            slug = EVERY
    days = int(picked or 30)
    session.keep(DAYS, days)
    session.keep(APP, slug)
    return Asked(site, identity, Period.of_days(days, visitor.zone(), time.time()), days, slug)


def _longer() -> None:
    session.put(DAYS, max(said.PERIODS))


def _nothing(site: Site, app: App) -> None:
    st.info(said.NONE_YET, icon=":material/monitoring:")
    if st.button(said.ASK, key="nu-ask", type="primary"):
        session.open_conversation(app, site.directory.new_address())
