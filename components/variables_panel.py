"""The variables beside the chat: a drawer, drawn only while it is open."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import session, variables_list
from components import words_variables as our
from components.presses import pressed
from components.variables_editing import Desk
from services.apps import App
from services.conversations import Conversation
from services.identity import Identity
from services.site import Site

OPEN = "variables-panel"


def offer(line: DeltaGenerator, site: Site, identity: Identity, app: App, conversation: Conversation) -> None:
    """The button that opens it, in the heading's `line`, for conversations that can have variables."""
    site.variable_watch.opened(conversation)
    here = conversation.conversation_id
    if not here or not site.variable_watch.may_have(app):
        return
    with line:
        st.space("stretch")
        if pressed(our.TITLE, icon=":material/data_object:", type="tertiary", key="variables-open"):
            session.keep(OPEN, here)
    if session.kept(OPEN, None) == here:
        _drawer(Desk(site, identity, app, conversation))


def _close() -> None:
    session.keep(OPEN, None)


@st.dialog(our.TITLE, position="right", width="small", icon=":material/data_object:", on_dismiss=_close)
def _drawer(desk: Desk) -> None:
    variables_list.show(desk)
    if pressed(our.WHOLE_PAGE, icon=":material/open_in_full:", type="tertiary", key="variables-page"):
        _close()
        session.open_variables(desk.app, desk.place.conversation_id)
