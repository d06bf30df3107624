"""Where roles come from on a site without accounts of its own, and who has signed in lately."""

from __future__ import annotations

import streamlit as st

from components import words, words_account
from components import words_admin as said
from components.admin.desk import Desk
from components.annotations.telling import when

LATEST = 20


def show(desk: Desk) -> None:
    mode = desk.site.identities.mode
    if mode == "open":
        st.info(said.ROLES_OPEN, icon=":material/info:")
        return
    st.markdown(said.ROLES_OIDC if mode == "oidc" else said.ROLES_PROXY)
    auth = desk.site.auth
    rest = words_account.NAMES[auth.new_role] if auth.new_role else said.NOT_LET_IN
    rows = [(words.plain(group), words_account.NAMES[role]) for group, role in auth.roles.items()]
    lines = [f"| {said.GROUP} | {said.ROLE} |", "| --- | --- |"]
    st.markdown("\n".join(lines + [f"| {a} | {b} |" for a, b in [*rows, (said.EVERYBODY_ELSE, rest)]]))
    if desk.work.sessions.known:
        st.subheader(said.LATELY, anchor=False)
        for each in desk.work.sessions.all(desk.identity)[:LATEST]:
            name = words.plain(each.name or each.person) or said.NAMELESS
            st.markdown(f"{name} · {when(each.since) if each.since else said.SOME_TIME}")
