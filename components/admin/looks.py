"""Which agents may look at other people's conversations, for reading alone."""

from __future__ import annotations

import streamlit as st

from components import session, words
from components import words_admin as said
from components.admin.desk import Desk, done
from components.annotations.telling import when
from services.identity import Role
from services.looks import Grant

AGENT = "ad-agent"


def show(desk: Desk) -> None:
    st.markdown(said.LOOKS_MEAN)
    granted = desk.site.looks.grants(desk.identity)
    _new(desk, {each.user for each in granted})
    st.subheader(said.LOOKERS, anchor=False)
    if not granted:
        st.caption(said.NO_GRANTS)
    for grant in granted:
        _row(desk, grant)


def _new(desk: Desk, granted: set[str]) -> None:
    known = {user: name for user, name in _agents(desk).items() if user not in granted}
    typed = desk.work.accounts is None
    if not known and not typed:
        st.caption(said.NO_AGENTS)
        return

    def grant() -> None:
        if user := str(session.value(AGENT) or "").strip():
            name = known.get(user, user)
            desk.attempt(lambda: desk.site.looks.grant(desk.identity, user, name), done("granted", name))
            session.put(AGENT, None)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            said.AGENT,
            list(known),
            index=None,
            key=AGENT,
            format_func=lambda user: words.line(known.get(str(user), str(user))),
            help=said.AGENT_HELP if typed else None,
            # Whom only the directory or the proxy knows has left no trace here yet.
            accept_new_options=typed,
            width=360,
        )
        st.button(said.GRANT, key="ad-grant", icon=":material/visibility:", on_click=grant)


def _agents(desk: Desk) -> dict[str, str]:
    """By end user: their names."""
    if desk.work.accounts:
        found = desk.work.accounts.all(desk.identity)
        return {each.person.user: each.name for each in found if each.role is Role.AGENT}
    return {each.user: each.name or each.user for each in desk.work.trail.people(desk.identity, Role.AGENT)}


def _row(desk: Desk, grant: Grant) -> None:
    def revoke() -> None:
        desk.attempt(lambda: desk.site.looks.revoke(desk.identity, grant.user), done("revoked", grant.name))

    with st.container(horizontal=True, vertical_alignment="center"):
        by = said.GRANTED.format(by=words.plain(grant.by, 40), time=when(grant.at))
        st.markdown(f"**{words.plain(grant.name, 60)}** · {by}", width="stretch")
        st.button(
            said.REVOKE,
            key=f"ad-revoke-{grant.user}",
            icon=":material/visibility_off:",
            help=said.REVOKE_OF.format(name=words.label(grant.name, 40)),
            on_click=revoke,
        )
