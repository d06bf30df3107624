"""Drafts on their way: written, checked by a second pair of eyes, put live."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from components import session
from components import words_annotations as said
from components.annotations import difference, editor, guidelines, suggesting, table, telling
from components.annotations.desk import Desk
from services.annotations.book import Conflict, Gone, Invalid
from services.annotations.bulk import made
from services.annotations.draft import Draft
from services.annotations.drafts import NoSuchDraft
from services.database import StoreError
from services.dify.errors import DifyError

PROBLEM, DROPPED = "an-draft-problem", "an-draft-dropped"
ICONS = {
    "draft": ":material/edit_note:",
    "checked": ":material/check:",
    "publishing": ":material/hourglass_empty:",
}


def show(desk: Desk) -> None:
    if desk.editing:
        editor.show(desk, desk.editing)
        return
    try:
        drafts = desk.curation.drafts.open(desk.identity)
        if any(draft.state == "publishing" for draft in drafts):
            drafts = _settled(desk)
    except StoreError:
        st.warning(said.UNREADABLE, icon=":material/error:")
        return
    if dropped := session.kept(DROPPED, None):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(said.DROPPED, width="stretch")
            st.button(
                said.UNDO, key="an-undrop", icon=":material/undo:", on_click=_undrop, args=(desk, dropped)
            )
    if not drafts:
        st.caption(said.NO_DRAFTS)
    for draft in drafts:
        _one(desk, draft)
    suggesting.show(desk)
    guidelines.show(desk)


def _settled(desk: Desk) -> tuple[Draft, ...]:
    """The list tells what became of those that were going live when the line broke."""
    with suppress(DifyError):
        desk.book.rows(desk.identity)
    return desk.curation.drafts.open(desk.identity)


def _one(desk: Desk, draft: Draft) -> None:
    with st.container(border=True, key=f"an-draft-{draft.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(said.DRAFT_STATES[draft.state], icon=ICONS[draft.state])
            st.caption(_about(desk, draft), width="stretch")
        st.text(draft.question)
        table.preview(draft.answer, f"an-draft-preview-{draft.id}")
        if draft.seen:
            with st.expander(said.AGAINST_LIVE):
                difference.show(draft.seen_question, draft.question)
                difference.show(draft.seen_answer, draft.answer)
        problem = session.kept(PROBLEM, {}).get(draft.id)
        if problem:
            st.error(problem, icon=":material/error:")
        if draft.state != "publishing":
            _buttons(desk, draft)


def _buttons(desk: Desk, draft: Draft) -> None:
    drafts, who = desk.curation.drafts, desk.identity

    def step(label: str, name: str, work: Callable[[], object], kind: str = "secondary") -> None:
        st.button(
            label,
            key=f"an-{name}-{draft.id}",
            type="primary" if kind == "primary" else "tertiary" if kind == "tertiary" else "secondary",
            on_click=lambda: _done(draft, work),
        )

    def publish() -> None:
        drafts.publish(who, draft.id)
        desk.begin(made("change" if draft.seen else "add", f"draft-{draft.id}"))

    def drop() -> None:
        drafts.drop(who, draft.id)
        session.keep(DROPPED, draft.id)

    with st.container(horizontal=True):
        if draft.state == "draft":
            step(said.CHECK, "check", lambda: drafts.check(who, draft.id), "primary")
        else:
            step(said.PUBLISH, "publish", publish, "primary")
            step(said.UNCHECK, "uncheck", lambda: drafts.reopen(who, draft.id))
        st.button(said.EDIT, key=f"an-edit-{draft.id}", on_click=lambda: desk.edit(editor.of_draft(draft)))
        step(said.DROP, "drop", drop, "tertiary")
    if draft.state == "draft" and draft.author == who.user:
        st.caption(said.OWN_CHECK)


def _done(draft: Draft, work: Callable[[], object]) -> None:
    """One step; why it did not come about is told beside the draft."""
    problem = ""
    session.keep(DROPPED, None)
    try:
        work()
    except NoSuchDraft:
        problem = said.DRAFT_GONE
    except Conflict:
        problem = said.DRAFT_CONFLICT
    except Gone:
        problem = said.DRAFT_OF_GONE
    except (Invalid, StoreError, DifyError) as error:
        problem = telling.why(error)
    session.keep(PROBLEM, {draft.id: problem})


def _undrop(desk: Desk, draft_id: str) -> None:
    session.keep(DROPPED, None)
    try:
        desk.curation.drafts.reopen(desk.identity, draft_id)
    except (NoSuchDraft, StoreError) as error:
        session.keep(PROBLEM, {draft_id: telling.why(error)})


def _about(desk: Desk, draft: Draft) -> str:
    parts = [
        said.WRITTEN_BY.format(who=telling.who(draft.author, desk.identity)),
        telling.when(draft.updated_at),
    ]
    if draft.checked_by:
        parts.append(said.CHECKED_BY.format(who=telling.who(draft.checked_by, desk.identity)))
    if draft.seen:
        parts.append(said.OF_LIVE)
    if draft.message_id:
        parts.append(said.MADE_FROM)
    return " · ".join(parts)
