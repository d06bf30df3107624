"""The only owner of st.session_state and st.query_params: which app and conversation this tab is at."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from services.apps import App
from services.conversations import Conversation
from services.directory import Directory
from services.identity import Identity
from services.site import Site

APP = "app"
SEVERAL = "several"
ADDRESS = "address"
REFUSAL = "refusal"
KEPT = "kept"
UNSENT = "unsent"
OUTGOING = "outgoing"
UNSHOWN = "unshown"
DIALOG = "dialog"
GOING = "going"
STILL_GOING = 5.0
"""Seconds within which a browser has come to the page that it is taken to."""


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
    st.session_state[APP], st.session_state[SEVERAL] = found.slug, len(site.apps) > 1
    return found


def stay(of_app: App) -> None:
    """Name the app in the address, where there are several: a click in the sidebar drops the query string."""
    if _named(of_app.slug).items() - st.query_params.to_dict().items():
        st.query_params.update(_named(of_app.slug))


def open_app(slug: str, new: str) -> NoReturn:
    """Turn to another app: to the conversation that this tab was at there, or to `new`, an address.

    Always to the chat: on any other page a widget of the same name would bring its value along. The address
    is whole at once, or Back would lead to one that is mended forward again.
    """
    close_dialog()
    address = st.session_state.get(ADDRESS, {}).get(slug) or new
    _turn_to("chat", {**_named(slug), "c": address})


def open_about(of_app: App) -> NoReturn:
    """Turn to what is known of an app."""
    _turn_to("about", _named(of_app.slug))


def _named(slug: str) -> dict[str, str]:
    """How an address names the app; a site of one app has no need to."""
    return {"app": slug} if slug and st.session_state.get(SEVERAL) else {}


def conversation(directory: Directory, identity: Identity, of_app: App) -> Conversation:
    """The conversation of the address; without one, a new one. The address then says which. Raises NotTheirs.

    A click in the sidebar drops the query string, so the tab's last conversation of each app is remembered.
    """
    remembered = st.session_state.get(ADDRESS, {}).get(of_app.slug)
    address = st.query_params.get("c") or remembered or f"~{directory.new_key()}"
    found = directory.open(identity, of_app, address)
    go_to(of_app, found.conversation_id or f"~{found.key}")
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
    go_to(of_app, found.conversation_id or f"~{found.key}")
    return found


def go_to(of_app: App, address: str) -> None:
    """Put a conversation, and its app, into the address bar."""
    here = {**_named(of_app.slug), "c": address}
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


def open_dialog(name: str, about: str = "") -> None:
    """Draw this dialog with each run until it is closed: a rerun from elsewhere must not take it away."""
    st.session_state[DIALOG] = (name, about)


def close_dialog() -> None:
    st.session_state.pop(DIALOG, None)


def dialog() -> tuple[str, str] | None:
    """Its name, and what it is about."""
    known: tuple[str, str] | None = st.session_state.get(DIALOG)
    return known


def message() -> str | None:
    """The message of the conversation that the address points at."""
    return st.query_params.get("m")


def open_conversation(of_app: App, address: str, message: str | None = None) -> NoReturn:
    """Turn to a conversation, from any page: its id, or `~<key>` for a new one; there, to a message."""
    st.session_state[ADDRESS] = {**st.session_state.get(ADDRESS, {}), of_app.slug: address}
    st.session_state.pop(REFUSAL, None)
    close_dialog()
    there = {"m": message} if message else {}
    _turn_to("chat", {**_named(of_app.slug), "c": address, **there})


def open_variables(of_app: App, address: str) -> NoReturn:
    """Turn to the variables of a conversation."""
    _turn_to("variables", {**_named(of_app.slug), "c": address})


def open_page(page: str, of_app: App, **query: str) -> NoReturn:
    """Turn to a page, as pages/ names it, with this query."""
    close_dialog()
    _turn_to(page, {**_named(of_app.slug), **query})


def query(name: str) -> str | None:
    """What the page's address says of this; a claim."""
    return st.query_params.get(name)


def _turn_to(page: str, query: dict[str, str]) -> NoReturn:
    st.session_state[GOING] = (page, query, time.monotonic())
    st.switch_page(f"{page}.py", query_params=query)


def go_on(page: str) -> None:
    """For every page, before it is drawn: what a browser sent from the page before, while it was being taken
    to another one, would leave it where it was."""
    going, query, since = st.session_state.get(GOING) or ("", {}, 0.0)
    if going and going != page:
        if time.monotonic() - since < STILL_GOING:
            st.switch_page(f"{going}.py", query_params=query)
        st.session_state.pop(GOING)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the composer was given and is still being worked on: files to upload, speech to write down."""

    text: str
    send_id: str
    speech: bytes | None = None
    """A recording: its words come into the composer, and nothing is sent yet."""


def composer(place: Conversation) -> str:
    """The key of a conversation's composer: what stands in one is not for another."""
    return f"composer-{place.key}"


def keep_text(place: Conversation, text: str) -> None:
    """Put text back into the composer, at its next drawing."""
    st.session_state[UNSENT] = {**st.session_state.get(UNSENT, {}), composer(place): text}


def fill_composer(place: Conversation) -> None:
    """For the composer, before it is drawn: what was kept for it comes back, until a run has ended."""
    widget = composer(place)
    if widget in st.session_state.get(UNSENT, {}):
        st.session_state[widget] = st.session_state[UNSENT][widget]


def send_later(place: Conversation, outgoing: Outgoing | None) -> None:
    """Have something worked on in the next run, and the one after should that be interrupted; None: done."""
    st.session_state[OUTGOING] = {**st.session_state.get(OUTGOING, {}), place.key: outgoing}


def outgoing(place: Conversation) -> Outgoing | None:
    found: Outgoing | None = st.session_state.get(OUTGOING, {}).get(place.key)
    return found


def run_ended() -> None:
    """The page was drawn to its end."""
    for until_then in (UNSENT, UNSHOWN, GOING):
        st.session_state.pop(until_then, None)


def taken(widget: str) -> bool:
    """Whether this widget's callback has run in this very run; asking forgets it."""
    return bool(st.session_state.pop(f"{widget}-taken", False))


def take(widget: str) -> None:
    """For a widget's callback: what it was called for needs no second handling in this run."""
    st.session_state[f"{widget}-taken"] = True


def refused(code: str | None, **details: str) -> None:
    """Remember why the last question was not sent, until the next one."""
    st.session_state[REFUSAL] = {"code": code, **details} if code else None


def refusal() -> dict[str, str]:
    """Its `code` and details; empty where nothing was refused."""
    return dict(st.session_state.get(REFUSAL) or {})


def check(widget: str, value: Any) -> None:
    """Set a toggle or a choice; before it is drawn."""
    st.session_state[widget] = value


def put(widget: str, value: Any) -> None:
    """Fill a widget in; for the callback of another one."""
    st.session_state[widget] = value


def begin_with(widget: str, value: Any) -> None:
    """What stands in a widget before anybody touched it; before it is drawn.

    Set again until a run has come to its end: what an interrupted one has set may never reach the browser.
    """
    if value is None:
        return
    unshown = st.session_state.setdefault(UNSHOWN, set())
    if widget not in st.session_state or (widget in unshown and st.session_state[widget] == value):
        st.session_state[widget] = value
        unshown.add(widget)


def empty(widget: str) -> None:
    """Nothing stands in a text field any more; for a callback."""
    st.session_state[widget] = ""


def kept(widget: str, otherwise: Any) -> Any:
    """What a widget begins with: Streamlit forgets one that a run did not draw, as on another page."""
    return _kept().get(widget, otherwise)


def keep(widget: str, value: Any) -> None:
    """Remember what stands in a widget, also while it is not drawn; for each app by itself."""
    here = st.session_state.get(APP, "")
    st.session_state[KEPT] = {**st.session_state.get(KEPT, {}), here: {**_kept(), widget: value}}


def _kept() -> dict[str, Any]:
    known: dict[str, Any] = st.session_state.get(KEPT, {}).get(st.session_state.get(APP, ""), {})
    return known


def opening(conversation: Conversation, statement: str) -> str:
    """The opening statement to draw: it follows the form until the first question, and then stays."""
    known: dict[str, str] = st.session_state.setdefault("openings", {})
    if conversation.key not in known or not (conversation.conversation_id or conversation.turns()):
        known[conversation.key] = statement
    return known[conversation.key]


def uploads() -> dict[str, Any]:
    """Files that this tab has brought to Dify, by Streamlit's id of the picked file."""
    known: dict[str, Any] = st.session_state.setdefault("uploads", {})
    return known


def value(widget: str, undrawn: Any = None) -> Any:
    """What stands in a widget, None where it was cleared; `undrawn` where it was never drawn."""
    return st.session_state.get(widget, undrawn)


def address() -> Mapping[str, str]:
    """The query of the page's address."""
    return st.query_params.to_dict()


def intent(component_key: str, trigger: str) -> object:
    """What a component has just sent by a trigger; for its callback."""
    state = st.session_state.get(component_key)
    return getattr(state, trigger, None) if state is not None else None
