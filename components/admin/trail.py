"""The audit trail: newest first, filtered, older ones by a press, and all of it as a file."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import streamlit as st

from components import session, visitor, words, words_account
from components import words_admin as said
from components.admin.desk import Desk
from components.annotations.telling import when
from services.audit_reading import Entry, Wanted

PERSON, ACTION, APP, ABOUT, SINCE, UNTIL = (
    f"ad-trail-{name}" for name in ("person", "action", "app", "about", "since", "until")
)
OLDER = "ad-trail-older"
LONGEST = 60


def show(desk: Desk) -> None:
    wanted = _filters(desk)
    began, before = session.kept(OLDER, (wanted, None))
    if began != wanted:  # another question begins with its newest
        before = None
    page = desk.work.trail.entries(desk.identity, wanted, before)
    if page.entries:
        st.markdown(_table(desk, page.entries))
    else:
        st.caption(said.NO_ENTRIES)
    with st.container(horizontal=True):
        if page.before:
            older = (OLDER, (wanted, page.before))
            st.button(
                said.OLDER,
                key="ad-older",
                icon=":material/arrow_downward:",
                on_click=session.keep,
                args=older,
            )
        if before:
            newest = (OLDER, (wanted, None))
            st.button(
                said.NEWEST,
                key="ad-newest",
                icon=":material/arrow_upward:",
                on_click=session.keep,
                args=newest,
            )
        st.link_button(said.EXPORT, _file(wanted), icon=":material/download:")


def _filters(desk: Desk) -> Wanted:
    trail = desk.work.trail
    actions = ["", *trail.actions(desk.identity)]
    apps = ["", *trail.apps(desk.identity)]
    with st.container(horizontal=True):
        person = st.text_input(said.PERSON, key=PERSON, help=said.PERSON_HELP, width=180)
        action = st.selectbox(said.ACTION, actions, key=ACTION, format_func=_action, width=220)
        app = st.selectbox(said.APP, apps, key=APP, format_func=lambda slug: slug or said.ANY, width=140)
        about = st.text_input(said.ABOUT, key=ABOUT, width=180)
        since = st.date_input(said.FROM, value=None, key=SINCE, format="YYYY-MM-DD", width=160)
        until = st.date_input(said.TO, value=None, key=UNTIL, format="YYYY-MM-DD", width=160)
    return Wanted(
        person.strip(), action, app, about.strip(), _begins(since), _begins(until, timedelta(days=1))
    )


def _begins(day: date | None, later: timedelta = timedelta()) -> float | None:
    """Unix seconds of the beginning of a day where the reader is."""
    return datetime.combine(day + later, time(), visitor.zone()).timestamp() if day else None


def _file(wanted: Wanted) -> str:
    given = {
        "person": wanted.person,
        "action": wanted.action,
        "app": wanted.app,
        "about": wanted.about,
        "since": wanted.since,
        "until": wanted.until,
    }
    return f"audit.csv?{urlencode({name: value for name, value in given.items() if value})}"


def _action(action: str) -> str:
    return said.ACTIONS.get(action, words.line(action)) if action else said.ANY


def _table(desk: Desk, entries: tuple[Entry, ...]) -> str:
    names = {app.slug: app.known.name if app.known else app.slug for app in desk.site.apps}
    lines = [f"| {' | '.join(said.COLUMNS)} |", "|" + " --- |" * len(said.COLUMNS)]
    for entry in entries:
        cells = (
            when(entry.at).replace(" ", "\N{NO-BREAK SPACE}"),
            _who(entry),
            words.plain(_action(entry.action)),
            words.plain(names.get(entry.app, entry.app), 30),
            words.plain(entry.about, LONGEST),
            words.plain(", ".join(f"{name} {value}" for name, value in entry.details.items()), LONGEST),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _who(entry: Entry) -> str:
    if entry.role is None:
        return said.NOBODY
    return f"{words.plain(entry.name or entry.user, 40)} ({words_account.NAMES[entry.role]})"
