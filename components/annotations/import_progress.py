"""An import under way, paused, done or rolled back: how far it is, what came of it, and what can be done."""

from __future__ import annotations

import time

import streamlit as st

from components import words
from components import words_annotation_files as said
from components.annotations import import_review, telling
from components.annotations.import_desk import ImportDesk
from services.annotations import export
from services.annotations.imports import NoSuchImport
from services.annotations.standing import Standing
from services.database import StoreError

OFTEN = 0.7
"""Seconds between two looks at an import that is under way."""


def show(work: ImportDesk, standing: Standing) -> None:
    st.markdown(f"**{words.plain(standing.about.name)}**")
    if standing.alive:
        _under_way(work)
    elif standing.about.state == "done":
        _over(work, standing)
    else:
        _stands(work, standing)


@st.fragment(run_every=OFTEN)
def _under_way(work: ImportDesk) -> None:
    try:
        standing = work.standing()
    except (NoSuchImport, StoreError) as error:
        st.warning(telling.why(error))
        return
    if not standing.alive:
        st.rerun()
    _bar(standing)
    wait = standing.about.retry_at
    if wait and wait > time.time():
        st.info(said.WAITING.format(seconds=int(wait - time.time()) + 1), icon=":material/hourglass_empty:")
    else:
        st.caption(said.CLOSED_TAB)
    st.button(
        said.PAUSE,
        key="im-pause",
        icon=":material/pause:",
        on_click=work.attempt,
        args=(lambda: work.imports.pause(work.identity, work.app, work.current),),
    )


def _bar(standing: Standing) -> None:
    if standing.about.direction == "back":
        done, left, text = standing.of("undone", "kept"), standing.of("done", "undoing"), said.BACK_PROGRESS
    else:
        done, left, text = standing.of("done", "failed"), standing.of("waiting", "sending"), said.PROGRESS
    total = done + left
    st.progress(done / total if total else 1.0, text=text.format(done=f"{done:,}", total=f"{total:,}"))


def _stands(work: ImportDesk, standing: Standing) -> None:
    _bar(standing)
    if standing.about.error == "no_curator":
        st.warning(said.NO_CURATOR, icon=":material/pause_circle:")
    elif standing.about.error:
        known = words.ERRORS.get(standing.about.error)
        why = f"{known['title']} {known['advice']}" if known else words.plain(standing.about.error)
        st.warning(f"{said.STANDS_STILL} {why}", icon=":material/pause_circle:")
    else:
        st.info(
            said.PAUSED if standing.about.state == "paused" else said.STANDS_STILL,
            icon=":material/pause_circle:",
        )
    with st.container(horizontal=True):
        st.button(
            said.RESUME,
            key="im-resume",
            type="primary",
            icon=":material/play_arrow:",
            on_click=work.attempt,
            args=(lambda: work.imports.resume(work.identity, work.app, standing.about.id),),
        )
        _back(work, standing)
        _report(work, standing)


def _over(work: ImportDesk, standing: Standing) -> None:
    if standing.about.direction == "back":
        undone, kept = standing.of("undone"), standing.of("kept")
        st.success(said.ROLLED_BACK.format(undone=f"{undone:,}"), icon=":material/history:")
        if kept:
            st.info(said.KEPT.format(n=f"{kept:,}"), icon=":material/info:")
        _report(work, standing)
        return
    counts = {name: f"{standing.of(name):,}" for name in ("done", "skipped", "failed", "invalid")}
    st.success(said.RESULT.format(**counts), icon=":material/check_circle:")
    with st.container(horizontal=True):
        _report(work, standing)
        _back(work, standing)
    import_review.again(work, standing)


def _back(work: ImportDesk, standing: Standing) -> None:
    if standing.about.direction == "forth" and standing.of("done", "sending"):
        st.button(
            said.ROLL_BACK,
            key="im-back",
            icon=":material/undo:",
            help=said.ROLL_BACK_HELP,
            on_click=work.attempt,
            args=(lambda: work.imports.roll_back(work.identity, work.app, standing.about.id),),
        )


def _report(work: ImportDesk, standing: Standing) -> None:
    def made() -> bytes:
        rows = work.imports.all_rows(work.identity, work.app, standing.about.id)
        lines = (
            (
                str(row.number),
                row.question,
                row.answer,
                row.kind,
                row.action,
                row.state,
                f"{said.REASONS.get(row.reason, row.reason)} {row.error}".strip(),
                row.annotation_id,
            )
            for row in rows
        )
        return export.table(said.REPORT_COLUMNS, lines)

    st.download_button(
        said.REPORT,
        made,
        file_name="import-report.csv",
        mime="text/csv",
        key="im-report",
        icon=":material/download:",
        help=said.REPORT_HELP,
        on_click="ignore",
    )
