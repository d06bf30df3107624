"""Rows of a file that cannot be imported as they are: the reason beside fields to mend them in."""

from __future__ import annotations

import streamlit as st

from components import session, typed, words
from components import words_annotation_files as said
from components.annotations.import_desk import ImportDesk
from services.annotations.imported import ImportRow
from services.annotations.standing import Standing

AT_ONCE = 10
STATES = ("invalid", "failed")


def show(work: ImportDesk, standing: Standing) -> None:
    count = standing.of(*STATES)
    if not count:
        return
    rows = work.imports.rows(work.identity, work.app, standing.about.id, states=STATES, limit=AT_ONCE)
    with st.expander(said.MEND_TITLE.format(n=f"{count:,}"), icon=":material/build:", expanded=True):
        for row in rows:
            _fields(row)
        if count > len(rows):
            st.caption(said.MEND_SOME.format(n=len(rows)))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(said.MEND, key="im-mend", on_click=work.attempt, args=(lambda: _mend(work, rows),))
            st.caption(said.MEND_MEANS)


def _fields(row: ImportRow) -> None:
    with st.container(border=True):
        why = said.REASONS.get(row.reason, row.reason)
        st.markdown(f"{said.ROW} {row.number}: {why} {words.plain(row.error, 200)}".strip())
        question, answer = st.columns(2)
        with question:
            _field(said.QUESTION, _widget(row, "q"), row.question)
        with answer:
            _field(said.ANSWER, _widget(row, "a"), row.answer)


def _field(label: str, widget: str, first: str) -> None:
    session.begin_with(widget, session.kept(widget, first))
    with typed.kept(typed.name(widget)):
        text = st.text_area(label, key=widget, height=100) or ""
    session.keep(widget, text)


def _widget(row: ImportRow, field: str) -> str:
    return f"im-{field}-{row.import_id}-{row.number}"


def _mend(work: ImportDesk, rows: list[ImportRow]) -> None:
    """Only what was changed, or may now be well: a conflict is looked at again with the same texts."""
    texts = {
        row.number: (
            str(session.value(_widget(row, "q"), row.question) or ""),
            str(session.value(_widget(row, "a"), row.answer) or ""),
        )
        for row in rows
    }
    work.imports.mend(work.identity, work.app, work.current, texts)
    typed.over(*(typed.name(_widget(row, field)) for row in rows for field in "qa"))
