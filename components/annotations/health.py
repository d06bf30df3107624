"""How well the set serves: the share of answers it gives, what is never hit, what shadows what."""

from __future__ import annotations

import time

import streamlit as st

from components import notices, session, visitor, words
from components import words_annotation_health as said
from components import words_annotations as page
from components.annotations import editor, telling
from components.annotations.desk import Desk
from services.annotations.bulk import delete_all
from services.annotations.health import Health, measured
from services.annotations.likeness import MOST, Pair
from services.annotations.row import Row
from services.database import StoreError
from services.dify.errors import DifyError

DAY = 86_400.0
PERIOD = "an-period"
WIDTH = 160
"""Pixels of a figure: four beside each other on a desk, two on a phone."""
PAIRS, TOP = 20, 20


def show(desk: Desk) -> None:
    if desk.editing:
        editor.show(desk, desk.editing)
        return
    try:
        rows = desk.book.rows(desk.identity)
    except DifyError as error:
        notices.failed(error)
        return
    days = int(session.kept(PERIOD, 30))
    picked = st.segmented_control(
        said.PERIOD,
        list(said.PERIODS),
        default=days,
        format_func=said.PERIODS.__getitem__,
        key=PERIOD,
        required=True,
    )
    days = int(picked or days)
    session.keep(PERIOD, days)
    try:
        since = time.time() - days * DAY
        database = desk.site.store.database
        health = measured(database, desk.identity, desk.app.slug, since, visitor.zone())
    except StoreError:
        st.warning(page.UNREADABLE, icon=":material/error:")
        return
    pairs = desk.curation.likeness.of(rows) or ()
    _figures(health, rows, pairs)
    _chart(health)
    _most_hit(health, rows)
    _alike(desk, pairs)


def _figures(health: Health, rows: tuple[Row, ...], pairs: tuple[Pair, ...]) -> None:
    part = f"{health.annotated / health.answers:.0%}" if health.answers else "–"
    never = f"{sum(not row.hit_count for row in rows):,}"
    alike = f"{len(pairs):,}{'+' if len(pairs) == MOST else ''}"
    with st.container(horizontal=True):
        st.metric(said.SHARE, part, help=said.SHARE_HELP, width=WIDTH)
        st.metric(said.ANSWERS, f"{health.answers:,}", width=WIDTH)
        st.metric(said.NEVER_HIT, never, help=said.NEVER_HELP, width=WIDTH)
        st.metric(said.ALIKE, alike, help=said.ALIKE_HELP, width=WIDTH)


def _chart(health: Health) -> None:
    if not health.days:
        st.caption(said.NO_ANSWERS)
        return
    table = {
        "day": [day.day for day in health.days],
        said.CHART_ANNOTATED: [day.annotated for day in health.days],
        said.CHART_MODEL: [day.answers - day.annotated for day in health.days],
    }
    st.bar_chart(
        table,
        x="day",
        y=[said.CHART_ANNOTATED, said.CHART_MODEL],
        x_label="",
        y_label=said.ANSWERS,
        height=220,
        alt=said.CHART_ALT,
    )


def _most_hit(health: Health, rows: tuple[Row, ...]) -> None:
    hit = sorted((row for row in rows if row.hit_count), key=lambda row: -(row.hit_count or 0))[:TOP]
    if not hit:
        return
    st.subheader(said.MOST_HIT, anchor=False)
    last = health.last_hit
    st.dataframe(
        {
            page.QUESTION: [row.question for row in hit],
            said.HITS_DIFY: [row.hit_count for row in hit],
            said.HITS_HERE: [health.hits[row.id] for row in hit],
            said.LAST_HIT: [telling.when(last[row.id]) if row.id in last else "" for row in hit],
        },
        hide_index=True,
    )


def _alike(desk: Desk, pairs: tuple[Pair, ...]) -> None:
    st.subheader(said.ALIKE_TITLE, anchor=False)
    st.caption(said.ALIKE_HELP if pairs else said.ALIKE_NONE)
    for number, pair in enumerate(pairs[:PAIRS]):
        with st.container(border=True):
            st.caption(f"{pair.score}%")
            for column, row in zip(st.columns(2), (pair.one, pair.other), strict=True):
                with column:
                    _row(desk, row, f"{number}-{row.id}")
    if len(pairs) > PAIRS:
        st.caption(page.SHOWN.format(n=PAIRS))


def _row(desk: Desk, row: Row, key: str) -> None:
    def delete() -> None:
        desk.begin(delete_all(desk.book, desk.identity, [row]))

    st.markdown(f"**{words.plain(row.question, 200)}**")
    st.markdown(words.plain(row.answer, 200))
    with st.container(horizontal=True):
        st.button(page.EDIT, key=f"an-alike-edit-{key}", on_click=lambda: desk.edit(editor.of_row(row)))
        st.button(page.LIST["delete"], key=f"an-alike-delete-{key}", type="tertiary", on_click=delete)
