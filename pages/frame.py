"""What every page shares: the look, who is asking, and the way from page to page."""

from __future__ import annotations

import streamlit as st

from components import brand, look, session, visitor, words_sign_in
from services import site

WIDE = {"annotations"}
"""Pages of tables; the others are read, in one column."""
st.set_page_config(page_title=words_sign_in.SITE, page_icon=str(brand.ICON))
look.dress()
try:
    known = visitor.identity(site.current().identities)
except site.Misconfigured as problem:
    st.error(str(problem), icon=":material/build:")
    st.stop()
page = st.navigation(
    [
        st.Page("chat.py", title="Chat", icon=":material/chat:", default=True),
        st.Page("history.py", title="History", icon=":material/history:"),
        st.Page("annotations.py", title="Annotations", icon=":material/rate_review:"),
        st.Page("variables.py", title="Variables", icon=":material/data_object:"),
        st.Page("about.py", title="About", icon=":material/info:", visibility="hidden"),
    ],
    # Whoever is not signed in sees no way to pages that would all say so.
    position="sidebar" if known or site.current().identities.mode == "open" else "hidden",
)
session.go_on(page.url_path or "chat")
# Told once in each run: a page that is first one and then the other is laid out twice.
st.set_page_config(layout="wide" if page.url_path in WIDE else "centered")
page.run()
session.run_ended()
