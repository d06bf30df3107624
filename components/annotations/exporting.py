"""Exporting: everything, what the list's search and filter show, or what is selected there."""

from __future__ import annotations

import streamlit as st

from components import notices, session, words
from components import words_annotation_files as said
from components.annotations.desk import Desk
from services.annotations.export import FORMATS, LONGEST_CELL
from services.annotations.row import Row
from services.dify.errors import DifyError

SCOPE, FORMAT = "ex-scope", "ex-format"


def show(desk: Desk) -> None:
    st.subheader(said.EXPORT_TITLE, anchor=False)
    try:
        rows = desk.book.rows(desk.identity)
    except DifyError as error:
        notices.failed(error)
        return
    scopes = list(said.SCOPES)
    scope = st.radio(
        said.EXPORT_WHAT,
        scopes,
        index=scopes.index(session.kept(SCOPE, "selected" if desk.selected else "all")),
        format_func=said.SCOPES.__getitem__,
        key=SCOPE,
    )
    session.keep(SCOPE, scope)
    chosen = _chosen(desk, rows, scope)
    kinds = list(said.FORMATS)
    kind = st.radio(
        said.FORMAT_TITLE,
        kinds,
        index=kinds.index(session.kept(FORMAT, kinds[0])),
        format_func=lambda each: said.FORMATS[each][0],
        captions=[said.FORMATS[each][1] for each in kinds],
        key=FORMAT,
    )
    session.keep(FORMAT, kind)
    if chosen:
        _download(chosen, kind)


def _chosen(desk: Desk, rows: tuple[Row, ...], scope: str) -> tuple[Row, ...]:
    if scope == "selected":
        wanted = set(desk.selected)
        rows = tuple(row for row in rows if row.id in wanted)
    elif scope == "found":
        pairs = desk.curation.likeness.of(rows) if desk.view.kind == "duplicates" else ()
        if pairs is None:
            st.info(said.EXPORT_LATER, icon=":material/hourglass_empty:")
            return ()
        if desk.view.query:
            st.caption(said.EXPORT_SEARCH.format(query=words.plain(desk.view.query)))
        rows = desk.view.of_rows(rows, pairs)
    if not rows:
        st.info(said.EXPORT_EMPTY if scope == "all" else said.EXPORT_NONE, icon=":material/info:")
    return rows


def _download(rows: tuple[Row, ...], kind: str) -> None:
    name, media_type, made = FORMATS[kind]
    cut = sum(len(text) > LONGEST_CELL for row in rows for text in row.texts) if kind == "xlsx" else 0
    if cut:
        st.warning(said.CUT_CELLS.format(n=cut), icon=":material/content_cut:")
    st.download_button(
        said.DOWNLOAD.format(n=f"{len(rows):,}"),
        lambda: made(rows),
        file_name=name,
        mime=media_type,
        key="ex-download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
