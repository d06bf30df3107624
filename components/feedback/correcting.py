"""A better answer: what was asked and answered, the annotation made of it, and the proof that it answers."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import session
from components import words_feedback as said
from components.annotations import annotating, editor, strip, table, testing
from components.annotations.desk import Desk, Editing
from components.feedback import opening
from services.annotations.row import Row as Annotation
from services.apps import App
from services.dify.errors import DifyError
from services.feedback.query import Row
from services.feedback.reaching import Reached
from services.identity import Identity
from services.site import Site
from services.turn import Turn

FIELD = "[class*=st-key-an-answer-] textarea"
"""Where the answer of an annotation is typed."""
TYPING, PROVING = "fb-typing", "fb-proving"


def show(site: Site, identity: Identity, app: App, row: Row, reached: Reached | None) -> None:
    """`reached` is None where the conversation cannot be read. Raises StoreError."""
    desk = Desk.of(site, identity, app, f"feedback-{row.id}")
    turn = reached.turn if reached else None
    if opening.wants_to_annotate() and not desk.editing:
        _begin(desk, row, turn)
    editing = desk.editing or _typed_before(desk, row)
    live = None if editing else _live(desk, row, turn)
    st.subheader(said.RATED if turn and not (editing or live) else said.CORRECT, anchor=False)
    desk.speak()
    strip.show(desk)
    if editing:
        editor.show(desk, editing, wide=False)
        _keep(desk, row, editing)
        return
    if session.kept(TYPING, "") == row.id:  # it was saved, or given up
        site.feedback.keep_typed(identity, app, row.id, None)
        session.keep(TYPING, "")
    if live:
        _annotation(row, live)
    elif turn:
        _rated(turn, row)
    else:
        st.caption(said.UNREAD)
    st.button(
        said.EDIT if live else said.ANNOTATE if turn else said.WRITE,
        key="fb-annotate",
        icon=":material/rate_review:",
        type="secondary" if live else "primary",
        on_click=_begin,
        args=(desk, row, turn),
    )
    if live:
        _proof(desk, row, live)


def _rated(turn: Turn, row: Row) -> None:
    st.caption(said.QUESTION)
    st.text(turn.query)
    st.caption(said.ANSWER)
    table.preview(turn.answer, f"fb-answer-{row.id}")


def _annotation(row: Row, live: Annotation) -> None:
    st.caption(f":material/check_circle: {said.MADE}")
    st.text(live.question)
    table.preview(live.answer, f"fb-live-{row.id}")


def _begin(desk: Desk, row: Row, turn: Turn | None) -> None:
    """Open the editor with the annotation that is there, else with what was asked and answered."""
    live = _live(desk, row, turn)
    if live:
        desk.edit(editor.of_row(live))
    elif turn:
        desk.edit(annotating.editing_of(desk, turn))
    else:
        desk.edit(editor.new(message_id=row.message_id))


def _live(desk: Desk, row: Row, turn: Turn | None) -> Annotation | None:
    """The annotation that was made of this answer, or that gave it, as it now stands."""
    added = desk.book.made_from(desk.identity, row.message_id)
    made = next((change for change in added if change.undoable), None)
    wanted = made.annotation_id if made else turn.annotation.id if turn and turn.annotation else ""
    return _row(desk, wanted) if wanted else None


def _row(desk: Desk, row_id: str) -> Annotation | None:
    try:
        rows = desk.book.rows(desk.identity)
    except DifyError:
        rows = desk.book.seen(desk.identity)
    return next((each for each in rows if each.id == row_id), None)


def _typed_before(desk: Desk, row: Row) -> Editing | None:
    """What was being typed when this tab, or another one, was closed."""
    if session.kept(TYPING, "") == row.id:
        return None
    typed = desk.site.feedback.typed(desk.identity, desk.app, row.id)
    if typed is None:
        return None
    question, answer, annotation_id = typed
    live = _row(desk, annotation_id) if annotation_id else None
    first = editor.of_row(live) if live else editor.new(message_id=row.message_id)
    editing = replace(first, question=question, answer=answer)
    desk.edit(editing)
    return editing


def _keep(desk: Desk, row: Row, editing: Editing) -> None:
    texts = (*editor.texts(editing), editing.row.id if editing.row else "")
    if session.kept(TYPING, "") != row.id or session.kept(f"{TYPING}-texts", None) != texts:
        desk.site.feedback.keep_typed(desk.identity, desk.app, row.id, texts)
    session.keep(TYPING, row.id)
    session.keep(f"{TYPING}-texts", texts)


def _proof(desk: Desk, row: Row, live: Annotation) -> None:
    st.divider()
    st.subheader(said.PROVE, anchor=False)
    st.caption(said.PROVE_INTRO)
    known = desk.app.known
    if known and not known.parameters.annotation_reply:
        st.info(said.REPLY_OFF, icon=":material/toggle_off:")
    testing.box(desk, f"fb-{row.id}", live.question)
