"""The line that tells of the last change: how far it is, what came of it, and the way back."""

from __future__ import annotations

import streamlit as st

from components import words
from components import words_annotations as said
from components.annotations import telling
from components.annotations.desk import Desk
from services.annotations.bulk import Bulk

MOST_FAILED = 5


def show(desk: Desk) -> None:
    bulk = desk.bulk
    place = st.container()  # always: what is below keeps its place
    if bulk is None:
        return
    with place, st.container(border=True, key="an-strip"):
        if bulk.done.is_set():
            _over(desk, bulk)
        else:
            _under_way(bulk)


@st.fragment(run_every=0.4)
def _under_way(bulk: Bulk) -> None:
    if bulk.done.is_set():
        st.rerun()
    done = bulk.made + len(bulk.failed)
    text = said.DOING[bulk.kind].format(n=f"{done:,}", total=f"{bulk.total:,}")
    st.progress(bulk.share, text=text)
    st.button(said.STOP, key="an-stop", on_click=bulk.stopped.set)


def _over(desk: Desk, bulk: Bulk) -> None:
    def undo() -> None:
        desk.undo(desk.book.batch(desk.identity, bulk.batch))

    with st.container(horizontal=True, vertical_alignment="center"):
        if bulk.total:
            st.markdown(said.DONE[bulk.kind].format(n=f"{bulk.made:,}"), width="stretch")
        else:
            st.markdown(said.NOTHING_TO_UNDO, width="stretch")
        if bulk.made:
            name = said.REDO if bulk.kind == "undo" else said.UNDO
            st.button(name, key="an-undo", icon=":material/undo:", on_click=undo)
        st.button(said.DISMISS, key="an-dismiss", type="tertiary", on_click=desk.dismiss)
    if bulk.restored:
        st.caption(said.RESTORED)
    if bulk.failed:
        st.markdown(said.FAILED.format(n=f"{len(bulk.failed):,}"))
        for row, error in bulk.failed[:MOST_FAILED]:
            st.markdown(f"- {words.plain(row.question, 60)}: {telling.why(error)}")
        if len(bulk.failed) > MOST_FAILED:
            st.caption(said.AND_MORE.format(n=f"{len(bulk.failed) - MOST_FAILED:,}"))
    if bulk.left:
        st.caption(said.LEFT.format(n=f"{bulk.left:,}"))
