"""The only owner of st.session_state and st.query_params: which app and conversation this tab is at."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from services.apps import App
from services.conversations import Conversation
from services.directory import Directory
from services.identity import Identity
from services.site import Site

COMPOSER = "composer"
ADDRESS = "address"
REFUSAL = "refusal"


def app(site: Site) -> App:
    """The app that the address names, else the first."""
    return site.app(st.query_params.get("app"))


def conversation(directory: Directory, identity: Identity, of_app: App) -> Conversation:
    """The conversation of the address; without one, a new one. The address then says which. Raises NotTheirs.

    A click in the sidebar drops the query string, so the tab's last conversation of this app is remembered.
    """
    remembered = st.session_state.get(ADDRESS, {}).get(of_app.slug)
    address = st.query_params.get("c") or remembered or f"~{directory.new_key()}"
    found = directory.open(identity, of_app, address)
    go_to(of_app, found.conversation_id or f"~{found.key}")
    return found


def go_to(of_app: App, address: str) -> None:
    """Put a conversation into the address bar."""
    if st.query_params.get("c") != address:
        st.query_params["c"] = address
    st.session_state[ADDRESS] = {**st.session_state.get(ADDRESS, {}), of_app.slug: address}


def open_conversation(of_app: App, address: str) -> NoReturn:
    """Turn to a conversation, from any page: its id, or `~<key>` for a new one."""
    st.session_state[ADDRESS] = {**st.session_state.get(ADDRESS, {}), of_app.slug: address}
    st.session_state.pop(REFUSAL, None)
    here = {name: value for name, value in st.query_params.items() if name == "app"}
    st.switch_page("chat.py", query_params={**here, "c": address})


def keep_text(text: str) -> None:
    """Put text back into the composer, at its next drawing."""
    st.session_state[COMPOSER] = text


def composer_text() -> str:
    """What was just submitted; for the composer's own callback."""
    return str(st.session_state.get(COMPOSER) or "")


def taken(widget: str) -> bool:
    """Whether this widget's callback has run in this very run; asking forgets it."""
    return bool(st.session_state.pop(f"{widget}-taken", False))


def take(widget: str) -> None:
    """For a widget's callback: what it was called for needs no second handling in this run."""
    st.session_state[f"{widget}-taken"] = True


def refused(code: str | None) -> None:
    """Remember why the last question was not sent, until the next one."""
    st.session_state[REFUSAL] = code


def refusal() -> str | None:
    code = st.session_state.get(REFUSAL)
    return code if isinstance(code, str) else None


def check(widget: str, on: bool) -> None:
    """Set a toggle; before it is drawn."""
    st.session_state[widget] = on


def checked(widget: str) -> bool:
    return bool(st.session_state.get(widget))


def intent(component_key: str, trigger: str) -> object:
    """What a component has just sent by a trigger; for its callback."""
    state = st.session_state.get(component_key)
    return getattr(state, trigger, None) if state is not None else None
