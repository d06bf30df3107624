"""Turning from page to page, and to another app or conversation."""

from __future__ import annotations

import time
from typing import NoReturn

import streamlit as st

from components.session.dialogs import close_dialog
from components.session.keys import ADDRESS, GOING, REFUSAL, TURNED, UNSENT, UNSHOWN
from components.session.place import named
from services.apps import App

STILL_GOING = 5.0
"""Seconds within which a browser has come to the page that it is taken to."""


def open_app(slug: str, new: str) -> NoReturn:
    """Turn to another app: to the conversation that this tab was at there, or to `new`, an address.

    Always to the chat: on any other page a widget of the same name would bring its value along. The address
    is whole at once, or Back would lead to one that is mended forward again.
    """
    close_dialog()
    address = st.session_state.get(ADDRESS, {}).get(slug) or new
    _turn_to("chat", {**named(slug), "c": address})


def open_about(of_app: App) -> NoReturn:
    """Turn to what is known of an app."""
    _turn_to("about", named(of_app.slug))


def open_conversation(of_app: App, address: str, message: str | None = None) -> NoReturn:
    """Turn to a conversation, from any page: its id, or `~<key>` for a new one; there, to a message."""
    st.session_state[ADDRESS] = {**st.session_state.get(ADDRESS, {}), of_app.slug: address}
    st.session_state.pop(REFUSAL, None)
    close_dialog()
    there = {"m": message} if message else {}
    _turn_to("chat", {**named(of_app.slug), "c": address, **there})


def open_variables(of_app: App, address: str) -> NoReturn:
    """Turn to the variables of a conversation."""
    _turn_to("variables", {**named(of_app.slug), "c": address})


def open_page(page: str, of_app: App, **query: str) -> NoReturn:
    """Turn to a page, as pages/ names it, with this query."""
    close_dialog()
    _turn_to(page, {**named(of_app.slug), **query})


def _turn_to(page: str, query: dict[str, str]) -> NoReturn:
    st.session_state[GOING] = (page, query, time.monotonic())
    st.session_state[TURNED] = turned() + 1
    st.switch_page(f"{page}.py", query_params=query)


def turned() -> int:
    """How often this tab was turned to a page or a conversation from here."""
    count: int = st.session_state.get(TURNED, 0)
    return count


def go_on(page: str) -> None:
    """For every page, before it is drawn: what a browser sent from the page before, while it was being taken
    to another one, would leave it where it was."""
    going, query, since = st.session_state.get(GOING) or ("", {}, 0.0)
    if going and going != page:
        if time.monotonic() - since < STILL_GOING:
            st.switch_page(f"{going}.py", query_params=query)
        st.session_state.pop(GOING)


def run_ended() -> None:
    """The page was drawn to its end."""
    for until_then in (UNSENT, UNSHOWN, GOING):
        st.session_state.pop(until_then, None)
