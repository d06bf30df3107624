"""Tables of annotations, read and written: whoever made them, and whatever was done to them on the way."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from services.annotations import export, sheet, sheet_xlsx
from services.annotations.pair import Pair
from services.annotations.row import Row
from services.annotations.sheet import BadSheet, Sheet, read

QUESTIONS = (
    "Wie heißt du?",
    "Où est l’œuvre “X”?",
    "你好，怎么重置密码？",
    "plain, with a comma",
    'say "hi"\nthere',
)


def pairs(data: bytes, name: str = "file.csv", **options: object) -> list[Pair]:
    found = read(name, data, **options)  # type: ignore[arg-type]
    assert found.question is not None
    assert found.answer is not None
    return list(found.pairs(found.question, found.answer))


def texts(data: bytes, name: str = "file.csv") -> list[tuple[str, str]]:
    return [(pair.question, pair.answer) for pair in pairs(data, name)]


def problems(data: bytes, name: str = "file.csv") -> list[tuple[int, str]]:
    return [(pair.number, pair.problem) for pair in pairs(data, name) if pair.problem]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


# Whoever wrote it


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str, end: str) -> None:
    rows = [("question", "answer"), *((q, f"{q}; again, {n}\t|") for n, q in enumerate(QUESTIONS))]
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows]
    data = "".join(delimiter.join(row) + end for row in quoted).encode(encoding)
    assert texts(data) == rows[1:]
    assert read("x.csv", data).delimiter == delimiter


@pytest.mark.parametrize(
    ("encoding", "question", "answer"),
    [
        ("gb18030", "如何重置密码？", "在设置页面点击“重置”。"),
        ("cp1252", "Wie öffne ich das Menü für Gäste?", "Über „Datei“ → naïve façade café".replace("→", "–")),
        ("cp1252", "Où est la clé ?", "À côté de l’entrée, près de l’escalier."),
    ],
)
def test_encodings_without_a_mark(encoding: str, question: str, answer: str) -> None:
    data = f"question,answer\r\n{question},{answer}\r\n".encode(encoding)
    if encoding == "cp1252":
        data = f'question,answer\r\n"{question}","{answer}"\r\n'.encode(encoding)
    assert read("x.csv", data).encoding == encoding
    assert texts(data) == [(question, answer)]


def test_another_encoding_may_be_said() -> None:
    data = "question;answer\nПривет;Здравствуйте\n".encode("cp1251")
    assert [p.question for p in pairs(data, encoding="cp1251")] == ["Привет"]


@pytest.mark.parametrize(
    ("names", "question", "answer"),
    [
        (("Question", "Answer"), 0, 1),
        (("id", "答案", "问题"), 2, 1),
        ((" A ", "Q"), 1, 0),
        (("Antwort", "Frage"), 1, 0),
    ],
)
def test_columns_are_known_by_their_names(names: tuple[str, ...], question: int, answer: int) -> None:
    found = read("x.csv", (",".join(names) + "\n" + ",".join("xyz"[: len(names)]) + "\n").encode())
    assert (found.question, found.answer) == (question, answer)


def test_columns_of_one_name_have_to_be_chosen_between() -> None:
    found = read("x.csv", b"question,answer,Answer\nq,a,b\n")
    assert (found.question, found.answer, found.repeated) == (0, None, ("answer",))
    assert [p.answer for p in found.pairs(0, 2)] == ["b"]


def test_a_table_without_names_loses_no_row() -> None:
    found = read("x.csv", b"how?,so\nwhy?,because\n")
    assert (found.header, found.question) == (False, None)
    assert [p.question for p in found.pairs(0, 1)] == ["how?", "why?"]
    assert [p.question for p in read("x.csv", b"how?,so\nwhy?,because\n", header=True).pairs(0, 1)] == [
        "why?"
    ]


def test_a_workbook_is_read_as_it_was_typed() -> None:
    data = workbook(
        ("question", "answer", "note"),
        ("=1+1", "=cmd|' /C calc'!A0", None),
        (42, 1.5, "x"),
        (True, datetime(2026, 11, 21, 10, 0)),
        (None, None),
        ("last", "_x000D_line"),
    )
    assert texts(data, "x.xlsx") == [
        ("=1+1", "=cmd|' /C calc'!A0"),
        ("42", "1.5"),
        ("TRUE", "2026-11-21T10:00:00"),
        ("last", "\rline"),
    ]
    assert [p.number for p in pairs(data, "x.xlsx")] == [2, 3, 4, 6]


def test_jsonl_of_both_kinds() -> None:
    plain = [{"question": "q1", "answer": "a\u2028b"}, {"answer": "a2", "question": None}]
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in plain).encode()
    assert [(p.number, p.question, p.answer, p.problem) for p in pairs(lines, "x.jsonl")] == [
        (1, "q1", "a\u2028b", ""),
        (2, "", "a2", "empty_question"),
    ]
    tuning = export.as_tuning([Row("1", "why", "because")])
    assert texts(tuning, "x.jsonl") == [("why", "because")]
    assert texts(lines, "no name that tells")[0] == ("q1", "a\u2028b")


# Whatever is wrong with it


@pytest.mark.parametrize(
    ("data", "code", "details"),
    [
        (b"", "empty", {}),
        (b"\xef\xbb\xbf \r\n\r\n", "empty", {}),
        (b"%PDF-1.7 ...", "not_a_table", {"kind": "PDF"}),
        (b"\x89PNG\r\n\x1a\n...", "not_a_table", {"kind": "PNG"}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel", {}),
        (random.Random(1).randbytes(5000), "not_a_table", {"kind": ""}),
        (b"just a line\nand another\n", "one_column", {"row": 1}),
        (b'question,answer\nq,"never closed\nq2,a2\n', "open_quote", {"row": 2}),
        (b'question,answer\nq,a\n"q" and more,"a"\n', "stray_quote", {"row": 3}),
        (
            b",".join(b"c%d" % n for n in range(200)) + b"\n",
            "too_many_columns",
            {"row": 1, "limit": 50},
        ),
        (b"PK\x03\x04 and nothing behind it", "broken_workbook", {}),
        (b"\0" * 40_000_000, "too_large", {"limit": 32}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_refused(data: bytes, code: str, details: dict[str, object]) -> None:
    with pytest.raises(BadSheet) as refused:
        found = read("file", data)
        list(found.pairs(0, 1))
    assert (refused.value.code, refused.value.details) == (code, details)


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [(b'{"question": 1}\n{"question"\n', "not_json", 2), (b'{"a": 1}\n\n[1]\n', "not_an_object", 3)],
)
def test_lines_that_are_no_json_are_named(data: bytes, code: str, row: int) -> None:
    with pytest.raises(BadSheet) as refused:
        read("x.jsonl", data)
    assert (refused.value.code, refused.value.details) == (code, {"row": row})


def test_a_zip_that_is_no_workbook_and_one_that_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    def packed(name: str, content: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(name, content)
        return made.getvalue()

    for name, content, code in [
        ("holiday.jpg", b"x", "not_a_table"),
        ("xl/workbook.xml", b"no workbook", "broken_workbook"),
        ("xl/worksheets/sheet1.xml", b"\0" * 130_000_000, "too_large"),
    ]:
        with pytest.raises(BadSheet) as refused:
            read("x.xlsx", packed(name, content))
        assert refused.value.code == code


def test_rows_that_cannot_be_used_are_named_with_their_number() -> None:
    rows = [
        b"question,answer",
        b"fine,yes",  # 2
        b",no question",
        b"no answer,   ",
        b"half a sign \xe4\xbd,x",  # 5
        b"nul\0,x",
        b"q" * 2001 + b",x",
        b"one megabyte," + b"a" * 1_000_000,  # 8
        b"a, comma too many, here",
        b"",
        "auch gut: ä,ja".encode(),  # 11
        "自己的 问题,答案".encode(),
    ]
    assert problems(b"\n".join(rows)) == [
        (3, "empty_question"),
        (4, "empty_answer"),
        (5, "broken"),
        (6, "nul"),
        (7, "long_question"),
        (8, "long_answer"),
        (9, "cells"),
    ]


def test_a_file_that_ends_within_a_character() -> None:
    assert problems("question,answer\nq,你好".encode()[:-1]) == [(2, "broken")]


def test_more_rows_than_are_taken() -> None:
    data = b"question,answer\n" + b"q,a\n" * (sheet.MOST_ROWS + 1)
    with pytest.raises(BadSheet) as refused:
        pairs(data)
    assert (refused.value.code, refused.value.details) == ("too_many_rows", {"limit": 10_000})
    assert len(pairs(data[:-4])) == 10_000


# There and back

ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
FORMULAS = st.builds(
    str.__add__, st.sampled_from(["=", "+", "-", "@", "'=", "''+", "\t=", "\r", "＝", "'"]), ANY
)
TEXT = st.one_of(
    ANY, FORMULAS, st.sampled_from(["_x000D_", "_x005F_x0041_", '"', "a\r\nb", " ", "\ufeff", "1"])
)
ROWS = st.lists(
    st.builds(Row, st.just("id"), TEXT, TEXT, st.none() | st.integers(0, 9)), min_size=1, max_size=6
)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
@settings(max_examples=50)
@given(rows=ROWS)
def test_what_was_exported_comes_back_character_for_character(kind: str, rows: list[Row]) -> None:
    name, _, made = export.FORMATS[kind]
    data = made(rows)
    found: Sheet = read(name, data)
    assert found.columns == sheet.OURS
    back = [
        Row("id", pair.question, pair.answer, row.hit_count)
        for row, pair in zip(rows, found.pairs(0, 1), strict=True)
    ]
    assert back == rows
    if kind != "xlsx":  # a workbook holds the time of its making
        assert made(back) == data


@pytest.mark.parametrize("made", [export.as_csv, export.as_xlsx])
def test_no_cell_of_an_export_is_a_formula(made: Callable[[list[Row]], bytes]) -> None:
    data = made(
        [Row("1", "=cmd|' /C calc'!A0", "@SUM(1)"), Row("2", "+1", "-2"), Row("3", " =1+1", "\0=1+1")]
    )
    if made is export.as_xlsx:
        cells = [cell for row in load_workbook(io.BytesIO(data))["annotations"] for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n"}
        assert "=cmd|' /C calc'!A0" in [cell.value for cell in cells]
    else:
        lines = data.decode("utf-8-sig").splitlines()[1:]
        assert [line[:3] for line in lines] == ["\"'=", "\"'+", "\"' "]
        assert '"\'@SUM(1)"' in lines[0]
        assert data.count(b'"\' =1+1","\'\0=1+1"') == 1


def test_a_workbook_of_empty_rows_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.annotations.sheet_xlsx.FURTHEST", 1_000)
    book = Workbook()
    book.active["A1"], book.active["B1"], book.active["A100000"] = "question", "answer", "far away"
    packed = io.BytesIO()
    book.save(packed)
    with pytest.raises(BadSheet) as refused:
        pairs(packed.getvalue(), "x.xlsx")
    assert refused.value.code == "too_many_rows"


def test_a_row_is_not_as_wide_as_its_last_cell_says() -> None:
    """One cell at the far end, in few bytes, made sixteen thousand of each row."""
    book = Workbook()
    book.active.append(("question", "answer"))
    for _ in range(3):
        book.active.append(("why?", "so"))
    book.active["XFD2"], book.active["XFD3"] = "far away", ""
    packed = io.BytesIO()
    book.save(packed)
    rows = list(sheet_xlsx.rows(packed.getvalue()))
    assert [cells[:2] for _, cells in rows] == [("question", "answer"), *[("why?", "so")] * 3]
    assert max(len(cells) for _, cells in rows) <= sheet_xlsx.WIDEST
    assert texts(packed.getvalue(), "x.xlsx") == [("why?", "so")] * 3
