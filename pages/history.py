"""All conversations of this person, and the way back into each."""

from __future__ import annotations

import streamlit as st

from components import entrance, history_list, sidebar, words_history
from services import site as sites

site = sites.current()
identity, app, profile = entrance.passed(site)
st.title(words_history.TITLE, anchor=False)
history_list.show(site, identity, app)
sidebar.show(site, identity, app, profile)
