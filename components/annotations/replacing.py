"""Find and replace over selected annotations: each change is shown before any is made."""

from __future__ import annotations

import streamlit as st

from components import session
from components import words_annotations as said
from components.annotations import difference
from components.annotations.desk import Desk
from services.annotations.bulk import change_all
from services.annotations.replacing import Replacement, planned

SHOWN = 50
FIND, PUT, QUESTIONS, ANSWERS, ANY = "an-find", "an-put", "an-in-questions", "an-in-answers", "an-any-case"


def show(desk: Desk, ids: tuple[str, ...]) -> None:
    rows = desk.rows(ids)
    st.subheader(said.REPLACE_TITLE.format(n=f"{len(rows):,}"), anchor=False)
    left, right = st.columns(2)
    with left:
        find = _kept(FIND, said.FIND)
    with right:
        put = _kept(PUT, said.PUT)
    with st.container(horizontal=True):
        questions = st.checkbox(said.IN_QUESTIONS, value=True, key=QUESTIONS)
        answers = st.checkbox(said.IN_ANSWERS, value=True, key=ANSWERS)
        any_case = st.checkbox(said.ANY_CASE, key=ANY)
    plans = planned(rows, find, put, questions=questions, answers=answers, any_case=any_case)
    good = [plan for plan in plans if not plan.problem]
    if not find:
        return
    if not plans:
        st.info(said.REPLACE_NONE, icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said.REPLACE_SOME.format(n=f"{len(good):,}"), width="stretch")
        st.button(
            said.REPLACE_RUN.format(n=f"{len(good):,}"),
            key="an-replace",
            type="primary",
            disabled=not good,
            on_click=_run,
            args=(desk, good),
        )
    if len(plans) > len(good):
        st.warning(said.REPLACE_BAD.format(n=f"{len(plans) - len(good):,}"), icon=":material/error:")
    for plan in good[:SHOWN]:
        with st.container(border=True):
            difference.show(plan.row.question, plan.question)
            difference.show(plan.row.answer, plan.answer)
    if len(good) > SHOWN:
        st.caption(said.SHOWN.format(n=SHOWN))


def _kept(widget: str, label: str) -> str:
    text = st.text_input(label, session.kept(widget, ""), key=widget) or ""
    session.keep(widget, text)
    return text


def _run(desk: Desk, plans: list[Replacement]) -> None:
    changes = [(plan.row, plan.question, plan.answer) for plan in plans]
    desk.turn_to(None)
    desk.begin(change_all(desk.book, desk.identity, changes))
