"""Work through what people think of the answers: from a complaint to a better answer."""

from __future__ import annotations

import streamlit as st

from components import entrance, sidebar, words_feedback
from components.feedback import complaint, listing, opening
from services import site as sites
from services.identity import Role

site = sites.current()
identity, app, profile = entrance.passed(site, Role.CURATOR)
st.title(words_feedback.TITLE, anchor=False)
if opened := opening.opened():
    complaint.show(site, identity, app, profile, opened)
else:
    listing.show(site, identity, app)
sidebar.show(site, identity, app, profile)
