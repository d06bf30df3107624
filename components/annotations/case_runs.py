"""The run of the test cases that goes on, the results of the last one, and all runs as a chart."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import words_annotation_work as said
from components.annotations import telling
from components.annotations.desk import Desk
from services.annotations.case import OUTCOMES, CaseRun
from services.annotations.cases import Cases
from services.database import StoreError

OFTEN = 0.7
"""Seconds between two looks at a run that goes on."""
COLORS = ("#2e9e6b", "#d99a2b", "#d64545", "#8a94a6")
"""Of the outcomes, in their order."""
Counted = tuple[CaseRun, Mapping[str, int]]


def show(desk: Desk, cases: Cases) -> None:
    if cases.under_way(desk.identity, desk.app):
        _under_way(desk, cases)
    runs = cases.runs(desk.identity, desk.app)
    if not runs:
        return
    if not cases.under_way(desk.identity, desk.app):
        _last(desk, cases, runs[0])
    if len(runs) > 1:
        _chart(runs)


@st.fragment(run_every=OFTEN)
def _under_way(desk: Desk, cases: Cases) -> None:
    if not cases.under_way(desk.identity, desk.app):
        st.rerun()
    try:
        run, counts = cases.runs(desk.identity, desk.app, 1)[0]
    except StoreError as error:
        st.warning(telling.why(error), icon=":material/error:")
        return
    done = sum(counts.values())
    st.progress(done / max(run.cases, 1), text=said.RUNNING.format(done=done, total=run.cases))
    st.button(
        said.STOP, key="te-stop", icon=":material/stop:", on_click=cases.stop, args=(desk.identity, desk.app)
    )


def _last(desk: Desk, cases: Cases, counted: Counted) -> None:
    run, counts = counted
    st.subheader(said.LAST_RUN.format(when=telling.when(run.at)), anchor=False)
    for column, outcome in zip(st.columns(len(OUTCOMES)), OUTCOMES, strict=True):
        column.metric(said.OUTCOMES[outcome], counts.get(outcome, 0))
    if run.ended_at is None:
        st.caption(said.CUT_SHORT.format(done=sum(counts.values()), total=run.cases))
    results = sorted(
        cases.results(desk.identity, desk.app, run.id), key=lambda each: -OUTCOMES.index(each.outcome)
    )
    st.dataframe(
        {
            said.OUTCOME: [said.OUTCOMES[each.outcome] for each in results],
            said.QUESTION: [each.question for each in results],
            said.EXPECTED: [
                each.expected_question if each.expected_id else said.FROM_MODEL for each in results
            ],
            said.GOT: [each.error or each.got_question or each.got_id or said.FROM_MODEL for each in results],
        },
        hide_index=True,
        column_config={said.OUTCOME: st.column_config.TextColumn(width="small")},
    )


def _chart(runs: list[Counted]) -> None:
    st.subheader(said.RUNS, anchor=False)
    oldest_first = runs[::-1]
    names = [said.OUTCOMES[outcome] for outcome in OUTCOMES]
    table: dict[str, list[object]] = {"run": [str(number) for number in range(1, len(runs) + 1)]}
    for outcome, name in zip(OUTCOMES, names, strict=True):
        table[name] = [counts.get(outcome, 0) for _, counts in oldest_first]
    st.bar_chart(
        table,
        x="run",
        y=names,
        x_label="",
        y_label="",
        color=list(COLORS),
        sort=False,
        height=240,
        alt=said.RUNS_ALT,
    )
