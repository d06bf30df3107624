"""The file of an import, looked at: how it was read, which columns count, how it begins."""

from __future__ import annotations

import string

import streamlit as st

from components import words
from components import words_annotation_files as said
from services.annotations import encodings, sheet, sheet_csv
from services.annotations.sheet import Sheet

ENCODING, DELIMITER, HEADER = "im-encoding", "im-delimiter", "im-header"
QUESTION, ANSWER = "im-question", "im-answer"
SAMPLE = 300
"""Characters of a text that are shown of a file."""


def columns(file_id: str, read: Sheet) -> tuple[int, int] | None:
    """How the file was read, which columns count, and the first rows as they would arrive.

    Returns the places of question and answer, or None until they are chosen.
    """
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
        return None
    if question == answer:
        st.warning(said.SAME_COLUMN, icon=":material/view_column:")
        return None
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
    return question, answer


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
