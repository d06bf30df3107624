"""Which app and which conversation this tab is at, and how its address says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components.session.dialogs import close_dialog
from components.session.keys import ADDRESS, APP, GOING, REFUSAL
from services.apps import App
from services.conversations import Conversation
from services.directory import Directory
from services.identity import Identity
from services.site import Site, current


def app(site: Site, identity: Identity) -> App:
    """The app that the address names; without one, the app that this tab was at, else the person's first.

    An address with a conversation and no app is one of the first app. Raises NoSuchApp.
    """
    before = st.session_state.get(APP)
    wanted = st.query_params.get("app")
    if wanted is None and "c" not in st.query_params and before in {a.slug for a in site.apps_of(identity)}:
        wanted = before
    found = site.app(identity, wanted)
    if found.slug != before:
        st.session_state.pop(REFUSAL, None)
        close_dialog()
    st.session_state[APP] = found.slug
    return found


def stay(of_app: App) -> None:
    """Name the app in the address, where there are several: a click in the sidebar drops the query string."""
    if named(of_app.slug).items() - st.query_params.to_dict().items():
        st.query_params.update(named(of_app.slug))


def named(slug: str) -> dict[str, str]:
    """How an address names the app."""
    return current().naming(slug)


def conversation(directory: Directory, identity: Identity, of_app: App) -> Conversation:
    """The conversation of the address; without one, a new one. The address then says which. Raises NotTheirs.

    A click in the sidebar drops the query string, so the tab's last conversation of each app is remembered.
    """
    remembered = st.session_state.get(ADDRESS, {}).get(of_app.slug)
    address = st.query_params.get("c") or remembered or directory.new_address()
    found = directory.open(identity, of_app, address)
    go_to(of_app, found.address)
    return found


def asked_conversation(directory: Directory, identity: Identity, of_app: App) -> Conversation | None:
    """The conversation of the address, else the one that this tab was at last. None where there is neither,
    or nothing was asked in it yet. Raises NotTheirs.
    """
    remembered = st.session_state.get(ADDRESS, {}).get(of_app.slug)
    address = st.query_params.get("c") or remembered
    if not address:
        return None
    found = directory.open(identity, of_app, address)
    if not (found.conversation_id or found.turns()):
        return None
    go_to(of_app, found.address)
    return found


def go_to(of_app: App, address: str) -> None:
    """Put a conversation, and its app, into the address bar."""
    here = {**named(of_app.slug), "c": address}
    if st.query_params.get("c") != address and "c" in st.query_params and "m" in st.query_params:
        del st.query_params["m"]
    # Once more after a turn to this page: the run that turned may have been interrupted before it told.
    if here.items() - st.query_params.to_dict().items() or st.session_state.get(GOING):
        st.query_params.update(here)  # in one go: each change is an entry in the browser's history
    st.session_state[ADDRESS] = {**st.session_state.get(ADDRESS, {}), of_app.slug: address}


def leave(of_app: App, ids: Sequence[str]) -> None:
    """These conversations are no more: do not come back to one of them."""
    known: dict[str, str] = st.session_state.get(ADDRESS, {})
    if known.get(of_app.slug) in ids:
        st.session_state[ADDRESS] = {app: at for app, at in known.items() if app != of_app.slug}


def message() -> str | None:
    """The message of the conversation that the address points at."""
    return st.query_params.get("m")


def query(name: str) -> str | None:
    """What the page's address says of this; a claim."""
    return st.query_params.get(name)


def address() -> Mapping[str, str]:
    """The query of the page's address."""
    return st.query_params.to_dict()
