"""What every page shares: the look, who is asking, and the way from page to page."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import Page

from components import brand, look, session, typed, visitor, words_sign_in
from services import site
from services.identity import Role
from services.store import StoreError

PAGES = (
    ("chat", "Chat", "chat", Role.VIEWER),
    ("history", "History", "history", Role.VIEWER),
    ("variables", "Variables", "data_object", Role.VIEWER),
    ("annotations", "Annotations", "rate_review", Role.CURATOR),
    ("feedback", "Feedback", "thumbs_up_down", Role.CURATOR),
    ("gaps", "Gaps", "troubleshoot", Role.CURATOR),
    ("work", "Work", "assignment", Role.AGENT),
    ("people", "People", "group", Role.CURATOR),
    ("numbers", "Numbers", "monitoring", Role.CURATOR),
    ("admin", "Administration", "admin_panel_settings", Role.ADMIN),
    ("about", "About", "info", None),
)
"""File, title, icon, and from which role on it stands among the ways; None: nowhere. Without headings:
Streamlit draws them as elements that no keyboard reaches, inside of a list that allows for none."""
GRANTED = {"people"}
"""Pages of those to whom an admin has given the right to look, too."""
WIDE = {"annotations", "feedback", "gaps", "numbers", "people", "work", "admin"}
"""Pages of tables; the others are read, in one column."""
st.set_page_config(page_title=words_sign_in.SITE, page_icon=brand.ICON)
look.dress()
try:
    known = visitor.identity(site.current().identities)
except site.Misconfigured as problem:
    st.error(str(problem), icon=":material/build:")
    st.caption(words_sign_in.START_AGAIN)
    st.stop()
role = known.role if known else Role.VIEWER


def may_look() -> bool:
    try:
        return known is not None and site.current().looks.allowed(known)
    except StoreError:
        return False


def page_of(name: str, title: str, icon: str, needs: Role | None) -> Page:
    visible = needs is not None and (role >= needs or (name in GRANTED and may_look()))
    return st.Page(
        f"{name}.py",
        title=title,
        icon=f":material/{icon}:",
        default=name == "chat",
        visibility="visible" if visible else "hidden",
    )


page = st.navigation(
    [page_of(*each) for each in PAGES],
    # Whoever is not signed in sees no way to pages that would all say so.
    position="sidebar" if known or site.current().identities.mode == "open" else "hidden",
)
session.go_on(page.url_path or "chat")
# Told once in each run: a page that is first one and then the other is laid out twice.
st.set_page_config(layout="wide" if page.url_path in WIDE else "centered")
typed.listen()
page.run()
typed.run_ended()
session.run_ended()
