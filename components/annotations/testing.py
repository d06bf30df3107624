"""The test box, the test cases made of it, and what came of every run of them."""

from __future__ import annotations

import streamlit as st

from components import session, typed, words
from components import words_annotation_work as said
from components.annotations import case_runs, telling
from components.annotations.desk import Desk
from components.presses import pressed
from services.annotations.book import Invalid
from services.annotations.case import Case
from services.annotations.cases import Cases, Running, Tried
from services.annotations.row import Row
from services.database import StoreError
from services.dify.errors import DifyError

TROUBLE = "te-trouble"
LONGEST = 500
"""Characters of an answer that are shown."""


def show(desk: Desk) -> None:
    cases = desk.site.annotation_work.cases
    st.subheader(said.TEST_TITLE, anchor=False)
    st.caption(said.TEST_INTRO)
    box(desk)
    try:
        kept = cases.all(desk.identity, desk.app)
        _list(desk, cases, kept)
        case_runs.show(desk, cases)
    except StoreError as error:
        st.warning(telling.why(error), icon=":material/error:")


def box(desk: Desk, name: str = "te", first: str = "") -> None:
    """A question to try; `name` tells the boxes of several places apart, each begins with its `first`."""
    cases, widget = desk.site.annotation_work.cases, f"{name}-question"
    session.begin_with(widget, session.kept(widget, first))
    field = typed.name(desk.identity.user, desk.app.slug, widget)
    with typed.kept(field):
        question = st.text_area(said.TEST_ASK, key=widget, height=80) or ""
    session.keep(widget, question)
    if pressed(said.TRY, key=f"{name}-try", type="primary", icon=":material/play_arrow:"):
        typed.over(field)
        _try(desk, cases, question, name)
    if trouble := session.kept(f"{name}-trouble", ""):
        st.error(trouble, icon=":material/error:")
    tried = session.kept(f"{name}-tried", None)
    if isinstance(tried, Tried):
        with st.container(border=True, key=f"{name}-outcome"):
            _told(tried)
            _save(desk, cases, tried, name)


def _try(desk: Desk, cases: Cases, question: str, name: str) -> None:
    session.keep(f"{name}-trouble", "")
    session.keep(f"{name}-saved", False)
    try:
        with st.spinner(said.TRYING):
            session.keep(f"{name}-tried", cases.try_out(desk.identity, desk.app, question))
    except (Invalid, DifyError) as error:
        session.keep(f"{name}-tried", None)
        session.keep(f"{name}-trouble", telling.why(error))


def _told(tried: Tried) -> None:
    st.markdown(f"**{words.plain(tried.question, 300)}**")
    if tried.row:
        st.success(said.ANSWERED_BY, icon=":material/check_circle:")
        _row(tried.row)
    elif tried.heard.annotation_id:
        st.success(said.ANSWERED_GONE, icon=":material/check_circle:")
    elif tried.heard.error:
        known = words.ERRORS.get(tried.heard.error)
        st.error(f"{said.NOT_KNOWN} {known['title'] if known else ''}", icon=":material/error:")
    else:
        st.info(said.NOT_ANSWERED, icon=":material/smart_toy:")
        st.markdown(words.plain(tried.heard.answer, LONGEST))
    st.caption(said.NEAR if tried.near else said.NEAR_NONE)
    for near in tried.near:
        st.markdown(f"{near.likeness}% · {words.plain(near.row.question, 200)}")
    if tried.heard.left_behind:
        st.caption(said.LEFT_BEHIND)


def _row(row: Row) -> None:
    st.markdown(f"{words.plain(row.question, 300)}  \n{words.plain(row.answer, LONGEST)}")


def _save(desk: Desk, cases: Cases, tried: Tried, name: str) -> None:
    rows = [row for row in (tried.row, *(near.row for near in tried.near)) if row]
    options = {row.id: row for row in rows}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        expected = st.selectbox(
            said.EXPECT,
            [*options, ""],
            index=0 if tried.row else len(options),
            format_func=lambda each: words.line(options[each].question) if each else said.EXPECT_NONE,
            key=f"{name}-expected-{hash(tried.question)}",
        )
        st.button(
            said.SAVE_CASE,
            key=f"{name}-save",
            icon=":material/bookmark_add:",
            on_click=_keep,
            args=(desk, cases, tried.question, options.get(expected or ""), name),
        )
    if session.kept(f"{name}-saved", False):
        st.caption(f":material/check: {said.SAVED_CASE}")


def _keep(desk: Desk, cases: Cases, question: str, expected: Row | None, name: str) -> None:
    trouble = ""
    try:
        cases.save(desk.identity, desk.app, question, expected)
    except (Invalid, StoreError) as error:
        trouble = telling.why(error)
    session.keep(f"{name}-saved", not trouble)
    session.keep(f"{name}-trouble", trouble)


def _list(desk: Desk, cases: Cases, kept: list[Case]) -> None:
    st.subheader(said.CASES_TITLE.format(n=f"{len(kept):,}"), anchor=False)
    if not kept:
        st.caption(said.NO_CASES)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            said.RUN_ALL,
            key="te-run",
            icon=":material/fact_check:",
            disabled=cases.under_way(desk.identity, desk.app) is not None,
            on_click=_run,
            args=(desk, cases),
        )
        st.caption(said.OUTCOME_MEANS)
    with st.container(border=True, height=260 if len(kept) > 5 else "content"):
        for case in kept:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{words.plain(case.question, 200)}", width="stretch")
                st.caption(words.plain(case.expected_question, 80) if case.expected_id else said.FROM_MODEL)
                st.button(
                    said.REMOVE,
                    key=f"te-remove-{case.id}",
                    type="tertiary",
                    on_click=_remove,
                    args=(desk, cases, case),
                )


def _remove(desk: Desk, cases: Cases, case: Case) -> None:
    try:
        cases.remove(desk.identity, desk.app, case.id)
    except StoreError as error:
        session.keep(TROUBLE, telling.why(error))


def _run(desk: Desk, cases: Cases) -> None:
    trouble = ""
    try:
        cases.run(desk.identity, desk.app)
    except Running:
        return  # another tab was quicker; its run is shown
    except StoreError as error:
        trouble = telling.why(error)
    session.keep(TROUBLE, trouble)
