"""The list of all annotations, and what is asked for in it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import notices, session
from components import words_annotations as said
from components.annotations import editor, history, replacing, table
from components.annotations.desk import MOVED, VIEW, Desk, Task
from services.annotations.bulk import delete_all
from services.annotations.likeness import Pair
from services.annotations.listing import Listing
from services.annotations.sources import conversations_of
from services.annotations.view import View
from services.database import StoreError
from services.dify.errors import DifyError

CHOSEN = "an-chosen"
"""How often all that was found was selected: by this the list knows, whichever run tells it."""
READING = 0.5
"""Seconds after which a list that is still being read is drawn again."""
SEARCHING = 0.1
"""Seconds that a page waits for similar questions before it is drawn without them."""


def show(desk: Desk) -> None:
    task = desk.task
    if desk.editing:
        editor.show(desk, desk.editing)
    elif task and task.what == "replace":
        _way_back(desk)
        replacing.show(desk, task.ids)
    elif task and task.what == "history":
        _way_back(desk)
        history.show(desk, task.ids[0])
    elif task and task.what == "source":
        desk.turn_to(None)
        session.open_conversation(desk.app, task.ids[0])
    else:
        _list(desk)


def _way_back(desk: Desk) -> None:
    to_list = partial(desk.turn_to, None)
    st.button(said.BACK, key="an-back", icon=":material/arrow_back:", type="tertiary", on_click=to_list)


def _list(desk: Desk) -> None:
    try:
        listing = desk.book.look(desk.identity)
    except DifyError as error:
        notices.failed(error)
        return
    with st.container(horizontal=True):
        st.button(said.ADD, key="an-new", icon=":material/add:", on_click=desk.edit, args=(editor.new(),))
        st.button(
            said.AGAIN, key="an-again", icon=":material/refresh:", type="tertiary", on_click=desk.reread
        )
    if listing.trouble:
        st.warning(said.OLD_LIST, icon=":material/cloud_off:")
    again = None if _settled(listing, _pairs(desk, listing)) else READING
    # By its key it stays the same fragment, whatever is above it: a key pressed meanwhile is not lost.
    st.fragment(_drawn, run_every=again, key="an-list")(desk, following=again is not None)


def _drawn(desk: Desk, following: bool) -> None:
    """`following`: this is drawn again and again until all is known."""
    listing = desk.book.look(desk.identity)
    pairs = _pairs(desk, listing)
    if following and _settled(listing, pairs):
        st.rerun()
    view = desk.view
    rows = view.of_rows(listing.rows, pairs)
    if pairs is None and view.kind == "duplicates":
        st.caption(said.NEAR_LATER)
    table.show(
        rows,
        view,
        total=listing.total,
        whole=listing.whole,
        alike={row.id for pair in pairs or () for row in (pair.one, pair.other)},
        links=lambda drawn: _links(desk, [row.id for row in drawn]),
        selected=desk.selected,
        chosen=session.kept(CHOSEN, 0),
        on_act=lambda intent: act(desk, intent),
    )
    if session.taken(MOVED):
        st.rerun()


def _settled(listing: Listing, pairs: tuple[Pair, ...] | None) -> bool:
    """Whether no more is to come than what can be drawn now."""
    return not listing.reading and pairs is not None


def act(desk: Desk, intent: dict[str, object]) -> None:
    """What the list asks for; ids of rows that are not known are passed over."""
    ids = [each for each in _listed(intent.get("ids")) if isinstance(each, str)]
    match intent.get("act"):
        case "view" if isinstance(said_view := intent.get("view"), dict):
            session.keep(VIEW, View.of(said_view))
            desk.select(ids)
            return
        case "select":
            desk.select(ids)
            return
        case "select_found":
            listing = desk.book.look(desk.identity)
            desk.select([row.id for row in desk.view.of_rows(listing.rows, _pairs(desk, listing))])
            session.keep(CHOSEN, session.kept(CHOSEN, 0) + 1)
            return
        case "new":
            desk.edit(editor.new())
        case "edit" if rows := desk.rows(ids):
            desk.edit(editor.of_row(rows[0]))
        case "delete" if rows := desk.rows(ids):
            desk.select([each for each in desk.selected if each not in ids])
            desk.begin(delete_all(desk.book, desk.identity, rows))
        case "replace" if desk.rows(ids):
            desk.select(ids)
            desk.turn_to(Task("replace", tuple(ids)))
        case "history" if ids:
            desk.turn_to(Task("history", tuple(ids[:1])))
        case "undo":
            desk.undo_last()
        case "source" if ids and (conversation := _links(desk, ids).get(ids[0])):
            desk.turn_to(Task("source", (conversation,)))
        case _:
            return
    session.take(MOVED)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _links(desk: Desk, ids: list[str]) -> dict[str, str]:
    try:
        return conversations_of(desk.site.store.database, desk.identity, desk.app.slug, ids)
    except StoreError:
        return {}


def _pairs(desk: Desk, listing: Listing) -> tuple[Pair, ...] | None:
    """None while they are being looked for."""
    return desk.curation.likeness.of(listing.rows, SEARCHING) if listing.whole else None
