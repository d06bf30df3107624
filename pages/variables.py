"""What a conversation remembers: its variables, read, changed by type, and compared over time."""

from __future__ import annotations

import streamlit as st

from components import entrance, sidebar, variables_list, variables_picker, variables_timeline
from components import words_variables as words
from components.variables_editing import Desk
from services import site as sites

site = sites.current()
identity, app, profile = entrance.passed(site)
st.title(words.TITLE, anchor=False)
conversation = variables_picker.chosen(site, identity, app)
if conversation:
    desk = Desk(site, identity, app, conversation)
    listing = variables_list.show(desk)
    if listing:
        variables_timeline.show(desk, listing)
sidebar.show(site, identity, app, profile, conversation)
