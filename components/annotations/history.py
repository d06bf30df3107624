"""What happened to one annotation, and to all: who, when, before and after, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from components import session, words
from components import words_annotations as said
from components.annotations import difference, editor, telling
from components.annotations.desk import Desk
from services.annotations.change import Change
from services.annotations.row import Row
from services.database import StoreError

PAGE = 30
SHOWN = "an-changes-shown"


def show(desk: Desk, row_id: str) -> None:
    """Of one annotation."""
    st.subheader(said.HISTORY_TITLE, anchor=False)
    row = next(iter(desk.rows([row_id])), None)
    if row:
        st.text(row.question)
    try:
        changes = desk.book.history(desk.identity, row_id)
    except StoreError:
        st.warning(said.UNREADABLE, icon=":material/error:")
        return
    if not changes:
        st.caption(said.NO_HISTORY)
    for change in changes:
        _one(desk, change, row)


def show_all(desk: Desk) -> None:
    """The section of all changes: a batch is one entry."""
    shown = int(session.kept(SHOWN, PAGE))
    try:
        changes = desk.book.changes(desk.identity, shown + 1)
    except StoreError:
        st.warning(said.UNREADABLE, icon=":material/error:")
        return
    if not changes:
        st.caption(said.NO_CHANGES)
    for batch, group in groupby(changes[:shown], key=lambda change: change.batch or change.id):
        together = tuple(group)
        if len(together) == 1:
            _one(desk, together[0], None)
        else:
            _many(desk, batch, together)
    if len(changes) > shown:
        st.button(said.EARLIER, key="an-earlier", on_click=session.keep, args=(SHOWN, shown + PAGE))


def _many(desk: Desk, batch: str, changes: Sequence[Change]) -> None:
    def undo() -> None:
        desk.undo(desk.book.batch(desk.identity, batch))

    first = changes[0]
    what = said.UNDO_OF if first.undoes else said.KINDS[first.kind]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{said.BATCH.format(n=len(changes), what=what)}**", width="stretch")
            if any(change.undoable for change in changes):
                st.button(said.UNDO, key=f"an-undo-{batch}", icon=":material/undo:", on_click=undo)
        st.caption(f"{telling.who(first.user, desk.identity)} · {telling.when(first.at)}")
        with st.expander(said.EACH):
            for change in changes:
                st.caption(_state(change))
                _texts(change)


def _one(desk: Desk, change: Change, row: Row | None) -> None:
    """`row` as it is now, where an earlier version of it can be put back."""

    def undo() -> None:
        desk.undo((change,))

    def put_back() -> None:
        if row:
            desk.turn_to(None)
            question, answer = change.before
            desk.edit(editor.of_version(row, question, answer))

    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            what = said.KINDS[change.kind] + (f" ({said.UNDO_OF})" if change.undoes else "")
            st.markdown(f"**{telling.who(change.user, desk.identity)}** {what}", width="stretch")
            if change.undoable:
                st.button(said.UNDO, key=f"an-undo-{change.id}", icon=":material/undo:", on_click=undo)
            if row and change.kind == "change" and change.before != row.texts:
                st.button(said.PUT_BACK, key=f"an-put-{change.id}", type="tertiary", on_click=put_back)
        st.caption(" · ".join(filter(None, (telling.when(change.at), _state(change), _hits(change)))))
        _texts(change)


def _texts(change: Change) -> None:
    """What stayed the same is shown once."""
    for before, after in zip(change.before, change.after, strict=True):
        if before or after:
            difference.show(before, after)


def _state(change: Change) -> str:
    if change.state == "failed":
        return f"{said.FAILED_STATE}: {words.plain(change.error, 200)}"
    if change.state == "begun":
        return said.BEGUN_STATE
    return said.UNDONE_STATE if change.undone_by else ""


def _hits(change: Change) -> str:
    hits = change.before_hits if change.kind == "delete" else None
    return said.HITS_LOST.format(n=hits) if hits else ""
