"""What every page shares: the look, who is asking, and the way from page to page."""

from __future__ import annotations

import streamlit as st

from components import brand, session, visitor, words_sign_in
from services import site

st.set_page_config(page_title=words_sign_in.SITE, page_icon=str(brand.ICON), layout="centered")
try:
    known = visitor.identity(site.current().identities)
except site.Misconfigured as problem:
    st.error(str(problem), icon=":material/build:")
    st.stop()
st.navigation(
    [
        st.Page("chat.py", title="Chat", icon=":material/chat:", default=True),
        st.Page("history.py", title="History", icon=":material/history:"),
        st.Page("annotations.py", title="Annotations", icon=":material/rate_review:"),
        st.Page("variables.py", title="Variables", icon=":material/data_object:"),
    ],
    # Whoever is not signed in sees no way to pages that would all say so.
    position="sidebar" if known or site.current().identities.mode == "open" else "hidden",
).run()
session.run_ended()
