"""Importing: a file is chosen and looked at, compared, carried out, and can go back; also after a reload."""

from __future__ import annotations

import string

import streamlit as st

from components import notices, session, words
from components import words_annotation_files as said
from components.annotations import import_progress, import_review, telling
from components.annotations.desk import Desk
from components.annotations.import_desk import ImportDesk
from components.presses import pressed
from services.annotations import encodings, export, sheet, sheet_csv
from services.annotations.imports import NoSuchImport
from services.annotations.sheet import BadSheet, Sheet
from services.database import StoreError
from services.dify.errors import DifyError

FILE, HEADER, ENCODING, DELIMITER = "im-file", "im-header", "im-encoding", "im-delimiter"
QUESTION, ANSWER = "im-question", "im-answer"
SAMPLE = 300
"""Characters of a text that are shown of a file."""


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
    data = file.getvalue()
    try:
        read = sheet.read(
            file.name,
            data,
            encoding=session.value(f"{ENCODING}-{file.file_id}") or "",
            delimiter=session.value(f"{DELIMITER}-{file.file_id}") or "",
            header=session.value(f"{HEADER}-{file.file_id}"),
        )
        _look(work, file.name, file.file_id, read)
    except BadSheet as error:
        st.error(said.bad_sheet(error.code, error.details), icon=":material/error:")


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


def _look(work: ImportDesk, name: str, file_id: str, read: Sheet) -> None:
    """How the file was read, which columns count, and the first rows as they would arrive."""
    st.caption(said.FOUND.format(kind=_kind(read)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _reading(file_id, read)
    if read.repeated:
        names = ", ".join(words.plain(each) for each in read.repeated)
        st.warning(said.REPEATED.format(names=names), icon=":material/help:")
    places = range(len(read.columns))

    def label(place: int) -> str:
        column = said.COLUMN.format(letter=_letter(place))
        return f"{column} · {words.line(read.columns[place], 40)}" if read.columns[place].strip() else column

    left, right = st.columns(2)
    # Streamlit keeps a choice that is no option any more; another way of reading begins anew.
    suffix = f"{file_id}-{read.kind}-{read.encoding}-{read.delimiter}-{read.header}"
    question = left.selectbox(
        said.QUESTIONS_IN, places, index=read.question, format_func=label, key=f"{QUESTION}-{suffix}"
    )
    answer = right.selectbox(
        said.ANSWERS_IN, places, index=read.answer, format_func=label, key=f"{ANSWER}-{suffix}"
    )
    if question is None or answer is None:
        st.info(said.CHOOSE_COLUMNS, icon=":material/view_column:")
        return
    if question == answer:
        st.warning(said.SAME_COLUMN, icon=":material/view_column:")
        return
    pairs = [pair for pair, _ in zip(read.pairs(question, answer), range(sheet.SHOWN), strict=False)]
    st.dataframe(
        {
            said.ROW: [pair.number for pair in pairs],
            said.QUESTION: [_sample(pair.question) for pair in pairs],
            said.ANSWER: [_sample(pair.answer) for pair in pairs],
        },
        hide_index=True,
        column_config={said.ROW: st.column_config.NumberColumn(width="small")},
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if pressed(said.COMPARE, key="im-compare", type="primary"):
            _compare(work, name, read, (question, answer))
        st.caption(said.COMPARE_MEANS)


def _reading(file_id: str, read: Sheet) -> None:
    """What was found out, to be corrected; under the file's id, so that the next one is found out anew."""
    if read.kind != "xlsx":
        # Streamlit tells choices apart by their words alone: there must be only one UTF-8.
        others = [name for name in encodings.CHOICES if _encoding(name) != _encoding(read.encoding)]
        st.selectbox(
            said.ENCODING,
            [read.encoding, *others],
            format_func=_encoding,
            key=f"{ENCODING}-{file_id}",
            width=220,
        )
    if read.kind == "csv":
        st.selectbox(
            said.DELIMITER,
            sheet_csv.DELIMITERS,
            index=sheet_csv.DELIMITERS.index(read.delimiter),
            format_func=said.DELIMITERS.__getitem__,
            key=f"{DELIMITER}-{file_id}",
            width=160,
        )
    if read.kind != "jsonl":
        st.toggle(said.HEADER, value=read.header, key=f"{HEADER}-{file_id}")


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


def _kind(read: Sheet) -> str:
    parts = [said.TYPES[read.kind]]
    if read.kind != "xlsx":
        parts.append(_encoding(read.encoding))
    if read.delimiter:
        parts.append(said.DELIMITERS[read.delimiter])
    return ", ".join(parts)


def _encoding(name: str) -> str:
    return said.ENCODINGS.get(name, name)


def _letter(place: int) -> str:
    """As spreadsheets name columns."""
    first, last = divmod(place, 26)
    return (string.ascii_uppercase[first - 1] if first else "") + string.ascii_uppercase[last]


def _sample(text: str) -> str:
    return text[:SAMPLE].encode("utf-8", "replace").decode()
