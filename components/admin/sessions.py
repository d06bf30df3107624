"""Who is signed in, by person; one session can be ended, or all of somebody's."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from components import visitor, words
from components import words_admin as said
from components.admin.desk import Desk, done
from components.annotations.telling import when
from services.open_sessions import OpenSession

SHOWN = 200


def show(desk: Desk) -> None:
    known = desk.work.sessions
    if not known.known:
        st.info(said.SESSIONS_UNKNOWN[desk.site.identities.mode], icon=":material/info:")
        return
    mine = known.mine(visitor.cookies())
    found = sorted(known.all(desk.identity)[:SHOWN], key=lambda each: (each.name, each.person))
    if not found:
        st.caption(said.NO_SESSIONS)
    for _, group in groupby(found, key=lambda each: (each.name, each.person)):
        _person(desk, list(group), mine)


def _person(desk: Desk, sessions: list[OpenSession], mine: str | None) -> None:
    first = sessions[0]
    name = first.name or first.person or said.NAMELESS

    def end_all() -> None:
        desk.attempt(lambda: desk.work.sessions.end_all(desk.identity, first), done("ended_all", name))

    with st.container(border=True, key=f"ad-person-{first.id[:16]}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.plain(name)}**", width="stretch")
            if len(sessions) > 1 and first.person and mine not in {each.id for each in sessions}:
                label = said.END_ALL.format(name=words.label(name, 40))
                st.button(
                    label, key=f"ad-end-all-{first.id[:16]}", icon=":material/logout:", on_click=end_all
                )
        for each in sessions:
            _session(desk, each, name, mine=each.id == mine)


def _session(desk: Desk, session: OpenSession, name: str, *, mine: bool) -> None:
    def end() -> None:
        desk.attempt(lambda: desk.work.sessions.end(desk.identity, session), done("ended", name))

    since = when(session.since) if session.since else said.SOME_TIME
    seen = when(session.seen_at) if session.seen_at else ""
    told = said.SINCE_SEEN.format(time=since, seen=seen) if seen else said.SINCE.format(time=since)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{told} :blue-badge[{said.MINE}]" if mine else told, width="stretch")
        if not mine:
            st.button(
                said.END,
                key=f"ad-end-{session.id[:16]}",
                icon=":material/logout:",
                type="tertiary",
                help=said.END_OF.format(name=words.label(name, 40)),
                on_click=end,
            )
