"""The editor of one annotation, a new one, a live one or a draft. What is typed in it is never lost."""

from __future__ import annotations

import uuid
from dataclasses import replace

import streamlit as st

from components import session, typed
from components import words_annotations as said
from components.annotations import guidelines, table, telling
from components.annotations.desk import CHAT, Desk, Editing
from services.annotations.book import Conflict, Gone, Invalid
from services.annotations.bulk import made
from services.annotations.draft import Draft
from services.annotations.drafts import NoSuchDraft
from services.annotations.row import Row
from services.database import StoreError
from services.dify.errors import DifyError


def new(question: str = "", answer: str = "", message_id: str = "") -> Editing:
    return Editing(uuid.uuid4().hex, question, answer, message_id=message_id)


def of_row(row: Row) -> Editing:
    return Editing(uuid.uuid4().hex, row.question, row.answer, row=row)


def of_version(row: Row, question: str, answer: str) -> Editing:
    """An earlier version of a live row: looked at before it is saved."""
    return Editing(uuid.uuid4().hex, question, answer, row=row)


def of_draft(draft: Draft) -> Editing:
    return Editing(
        uuid.uuid4().hex,
        draft.question,
        draft.answer,
        row=draft.seen,
        draft=draft,
        message_id=draft.message_id,
    )


def show(desk: Desk, editing: Editing, *, wide: bool = True) -> None:
    """`wide`: guidelines and preview stand beside the fields."""
    title = said.DRAFT_TITLE if editing.draft else said.EDIT_TITLE if editing.row else said.NEW_TITLE
    if wide:
        st.subheader(title, anchor=False)
    fields, aside = st.columns([3, 2], gap="large") if wide else (st.container(), st.container())
    with fields:
        of_question, of_answer = _fields(desk, editing)
        with typed.kept(of_question):
            question = _field(said.QUESTION, f"an-question-{editing.key}", editing.question, 100)
        with typed.kept(of_answer):
            answer = _field(said.ANSWER, f"an-answer-{editing.key}", editing.answer, 260)
        st.caption(said.ANSWER_HELP)
        if editing.problem:
            st.error(editing.problem, icon=":material/error:")
        if editing.theirs:
            _conflict(desk, editing, editing.theirs, (question, answer))
        else:
            _buttons(desk, editing)
    with aside:
        st.caption(said.PREVIEW)
        table.preview(answer, f"an-preview-{editing.key}")
        if wide:
            guidelines.show(desk)


def _field(label: str, widget: str, first: str, height: int) -> str:
    # A field that the browser draws anew begins with what the server has last heard of it.
    first = session.value(widget, session.kept(widget, first))
    text = st.text_area(label, first, key=widget, height=height) or ""
    session.keep(widget, text)
    return text


def _fields(desk: Desk, editing: Editing) -> tuple[str, str]:
    """The same for whoever opens an editor of the same again: what was typed before is then there again."""
    row = editing.draft or editing.row
    about = row.id if row else editing.message_id or f"new {editing.question}"
    where = (desk.identity.user, desk.app.slug, about)
    return typed.name(*where, "question"), typed.name(*where, "answer")


def close(desk: Desk, editing: Editing, then: Editing | None = None) -> None:
    """It was saved, or given up; `then` is the next one."""
    typed.over(*_fields(desk, editing))
    desk.edit(then)


def texts(editing: Editing) -> tuple[str, str]:
    """What stands in the fields now, question and answer; once they are drawn, and for callbacks."""
    question = session.value(f"an-question-{editing.key}", editing.question)
    answer = session.value(f"an-answer-{editing.key}", editing.answer)
    return question or "", answer or ""


def _buttons(desk: Desk, editing: Editing) -> None:
    with st.container(horizontal=True):
        if editing.gone:
            st.button(said.ADD_AGAIN, key="an-add-again", type="primary", on_click=add, args=(desk, editing))
        elif editing.draft is None and editing.row:
            st.button(
                said.SAVE, key="an-save", type="primary", on_click=save, args=(desk, editing, editing.row)
            )
        elif editing.draft is None:
            st.button(said.SAVE_NEW, key="an-add", type="primary", on_click=add, args=(desk, editing))
            if not (editing.message_id or editing.saved):
                st.button(said.ADD_ANOTHER, key="an-add-another", on_click=add, args=(desk, editing, True))
        st.button(
            said.KEEP_DRAFT,
            key="an-keep",
            type="primary" if editing.draft else "secondary",
            help=said.HELP_DRAFT,
            on_click=keep_draft,
            args=(desk, editing),
        )
        st.button(said.CANCEL, key="an-cancel", type="tertiary", on_click=close, args=(desk, editing))


def _conflict(desk: Desk, editing: Editing, theirs: Row, mine: tuple[str, str]) -> None:
    """Both texts beside each other; the curator decides."""
    left, right = st.columns(2)
    for column, title, texts in (
        (left, said.CONFLICT_THEIRS, theirs.texts),
        (right, said.CONFLICT_MINE, mine),
    ):
        with column, st.container(border=True):
            st.caption(title)
            for text in texts:
                st.text(text)
    with st.container(horizontal=True):
        st.button(
            said.TAKE_MINE, key="an-take-mine", type="primary", on_click=save, args=(desk, editing, theirs)
        )
        st.button(said.TAKE_THEIRS, key="an-take-theirs", on_click=close, args=(desk, editing))


def add(desk: Desk, editing: Editing, another: bool = False) -> None:
    """Save it as a new row."""
    batch = uuid.uuid4().hex
    try:
        row = desk.book.add(desk.identity, *texts(editing), batch=batch, message_id=editing.message_id)
    except (Invalid, StoreError, DifyError) as error:
        desk.edit_problem(editing, _kept(error), gone=editing.gone)
        return
    desk.begin(made("add", batch))
    close(desk, editing, new() if another else None)
    _tell(desk, said.ADDED)
    _became(editing, row)


def save(desk: Desk, editing: Editing, seen: Row) -> None:
    """Save the texts of a live row that looked like `seen` to the curator."""
    batch = uuid.uuid4().hex
    try:
        row = desk.book.change(desk.identity, seen.id, *texts(editing), seen=seen, batch=batch)
    except Conflict as conflict:
        desk.edit_problem(editing, said.CONFLICT, theirs=conflict.theirs)
    except Gone:
        desk.edit_problem(editing, said.GONE, gone=True)
    except (Invalid, StoreError, DifyError) as error:
        desk.edit_problem(editing, _kept(error), theirs=editing.theirs)
    else:
        desk.begin(made("change", batch))
        close(desk, editing)
        _tell(desk, said.SAVED)
        _became(editing, row)


def _tell(desk: Desk, words: str) -> None:
    """In the chat no line tells of it; the annotations page has one, with an undo."""
    if desk.place == CHAT:
        desk.say(words)


def keep_draft(desk: Desk, editing: Editing) -> None:
    drafts, written = desk.curation.drafts, texts(editing)
    known = {"draft_id": editing.draft.id} if editing.draft else {}
    try:
        draft = drafts.keep(desk.identity, *written, seen=editing.row, message_id=editing.message_id, **known)
    except NoSuchDraft:
        desk.edit(replace(editing, draft=None, problem=said.DRAFT_GONE))
    except (Invalid, StoreError) as error:
        desk.edit_problem(editing, _kept(error))
    else:
        desk.say(said.DRAFT_KEPT)
        close(desk, editing)
        _became(editing, draft)


def _became(editing: Editing, what: Row | Draft) -> None:
    if editing.saved:
        editing.saved(what)


def _kept(error: Exception) -> str:
    told = telling.why(error)
    return told if isinstance(error, Invalid | StoreError) else f"{told} {said.KEPT_TEXT}"
