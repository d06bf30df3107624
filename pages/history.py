"""All conversations of this person, and the way back into each."""

from __future__ import annotations

import streamlit as st

from components import entrance, history_list, sidebar
from services import site as sites

site = sites.current()
identity, app, profile = entrance.passed(site)
st.title("History", anchor=False)
history_list.show(site.directory, site.titles, identity, app)
sidebar.show(site, identity, app, profile)
