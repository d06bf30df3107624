"""From the chat: an answer becomes an annotation, or the annotation that gave it is mended."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import words
from components import words_annotations as said
from components.annotations import editor, telling
from components.annotations.desk import CHAT, Desk, Editing
from components.asker import Asker
from services.apps import App
from services.database import StoreError
from services.dify.errors import DifyError
from services.identity import Identity, Role
from services.site import Site
from services.turn import Turn


def allowed(identity: Identity) -> bool:
    return identity.role >= Role.CURATOR


def begin(asker: Asker, turn_id: str) -> None:
    """Open the editor with the question and the answer of this turn, or with the annotation it came from."""
    turn = asker.conversation.turn(turn_id)
    if turn is None or not allowed(asker.identity):
        return
    desk = Desk.of(asker.site, asker.identity, asker.app, CHAT)
    desk.edit(editing_of(desk, turn))


def editing_of(desk: Desk, turn: Turn) -> Editing:
    """An editor with the question and the answer of this turn, or with the annotation it came from."""
    editing = editor.new(turn.query, turn.answer, turn.message_id)
    if turn.annotation is None:
        return editing
    try:
        rows = desk.book.rows(desk.identity)
    except DifyError as error:
        return replace(editing, problem=telling.why(error))
    found = next((row for row in rows if row.id == turn.annotation.id), None)
    return editor.of_row(found) if found else replace(editing, problem=said.GONE)


def show(site: Site, identity: Identity, app: App) -> None:
    """The dialog, while one is open."""
    if not allowed(identity):
        return
    desk = Desk.of(site, identity, app, CHAT)
    desk.speak()
    editing = desk.editing
    if editing:
        st.dialog(said.EDIT_TITLE if editing.row else said.MAKE, width="medium", dismissible=False)(_dialog)(
            desk
        )


def _dialog(desk: Desk) -> None:
    editing = desk.editing
    if editing is None:
        st.rerun()
    _made_before(desk, editing.message_id)
    editor.show(desk, editing, wide=False)


def _made_before(desk: Desk, message_id: str) -> None:
    try:
        changes = desk.book.made_from(desk.identity, message_id) if message_id else ()
    except StoreError:
        return
    made = next((change for change in changes if change.undoable), None)
    if made:
        st.info(f"{said.MADE_BEFORE} {words.plain(made.after_question, 120)}", icon=":material/link:")
