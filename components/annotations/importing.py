"""Importing: a file is chosen and looked at, compared, carried out, and can go back; also after a reload."""

from __future__ import annotations

import streamlit as st

from components import notices, session, words
from components import words_annotation_files as said
from components.annotations import import_file, import_progress, import_review, telling
from components.annotations.desk import Desk
from components.annotations.import_desk import ImportDesk
from components.presses import pressed
from services.annotations import export, sheet
from services.annotations.imports import NoSuchImport
from services.annotations.sheet import BadSheet, Sheet
from services.database import StoreError
from services.dify.errors import DifyError

FILE = "im-file"


def show(desk: Desk) -> None:
    work = ImportDesk(desk)
    st.subheader(said.IMPORT_TITLE, anchor=False)
    if work.trouble:
        st.error(work.trouble, icon=":material/error:")
    try:
        if not work.current:
            _choose(work)
            _earlier(work)
            return
        standing = work.standing()
    except NoSuchImport:
        work.close()
        st.info(said.GONE_IMPORT, icon=":material/search_off:")
    except StoreError as error:
        st.warning(telling.why(error), icon=":material/error:")
    else:
        st.button(
            said.OTHER_FILE,
            key="im-close",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=work.close,
        )
        if standing.about.state == "prepared":
            import_review.show(work, standing)
        else:
            import_progress.show(work, standing)


def _choose(work: ImportDesk) -> None:
    st.caption(said.IMPORT_INTRO)
    file = st.file_uploader(said.FILE, key=FILE, max_upload_size=sheet.LARGEST // 1_000_000)
    if file is None:
        _example()
        return
    # Above the rows shown of the file: below them it would be out of sight when the button is pressed.
    wrong = st.container()
    data = file.getvalue()
    try:
        read = sheet.read(
            file.name,
            data,
            encoding=session.value(f"{import_file.ENCODING}-{file.file_id}") or "",
            delimiter=session.value(f"{import_file.DELIMITER}-{file.file_id}") or "",
            header=session.value(f"{import_file.HEADER}-{file.file_id}"),
        )
        columns = import_file.columns(file.file_id, read)
        if columns:
            _offer(work, file.name, read, columns)
    except BadSheet as error:
        wrong.error(said.bad_sheet(error.code, error.details), icon=":material/error:")


def _example() -> None:
    st.download_button(
        said.TEMPLATE,
        lambda: export.table(("question", "answer"), said.TEMPLATE_ROWS),
        file_name="annotations-example.csv",
        mime="text/csv",
        key="im-example",
        type="tertiary",
        icon=":material/download:",
        help=said.TEMPLATE_MEANS,
        on_click="ignore",
    )


def _offer(work: ImportDesk, name: str, read: Sheet, columns: tuple[int, int]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if pressed(said.COMPARE, key="im-compare", type="primary"):
            _compare(work, name, read, columns)
        st.caption(said.COMPARE_MEANS)


def _compare(work: ImportDesk, name: str, read: Sheet, columns: tuple[int, int]) -> None:
    try:
        with st.spinner(said.COMPARING):
            work.open(work.imports.prepare(work.identity, work.app, name, read, columns))
    except DifyError as error:
        notices.failed(error)
    except StoreError as error:
        st.error(telling.why(error), icon=":material/error:")
    else:
        st.rerun()


def _earlier(work: ImportDesk) -> None:
    imports = work.imports.newest(work.identity, work.app)
    if not imports:
        return
    st.subheader(said.EARLIER_IMPORTS, anchor=False)
    for each in imports:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(words.plain(each.name), width="stretch")
            st.caption(f"{said.STATES[each.state, each.direction]} · {telling.when(each.at)}")
            st.button(
                said.OPEN, key=f"im-open-{each.id}", type="tertiary", on_click=work.open, args=(each.id,)
            )
