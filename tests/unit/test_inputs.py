"""An app's input form without a screen, against what Dify itself says of the same values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify.parameters import InputField
from services.inputs import Problem, blamed, first, problem, problems, sent
from tests.unit.transcripts import body

NAME = InputField("text-input", "name", "Name", required=True, max_length=8)
LANG = InputField("select", "lang", "Language", default="en", options=("en", "de"))
AGE = InputField("number", "age", "Age", default="")
TERMS = InputField("checkbox", "terms", "Terms", required=True, default=False)
DATA = InputField("json_object", "data", "Data", default={"a": 1})
FORM = (NAME, LANG, AGE, TERMS, DATA)
KINDS = ["text-input", "paragraph", "select", "number", "checkbox", "json", "json_object", "file", "new-kind"]


@pytest.mark.parametrize(
    ("field", "address", "value"),
    [
        (NAME, {}, ""),
        (NAME, {"inputs.name": "Bo"}, "Bo"),
        (NAME, {"name": "Bo"}, ""),
        (LANG, {}, "en"),
        (LANG, {"inputs.lang": "de"}, "de"),
        (LANG, {"inputs.lang": "fr"}, None),
        (AGE, {}, None),
        (AGE, {"inputs.age": "42"}, 42.0),
        (AGE, {"inputs.age": "old"}, None),
        (AGE, {"inputs.age": "inf"}, None),
        (TERMS, {}, False),
        (TERMS, {"inputs.terms": "true"}, True),
        (DATA, {}, '{"a": 1}'),
    ],
)
def test_what_stands_in_a_control_at_first(field: InputField, address: dict[str, str], value: Any) -> None:
    assert first(field, address) == value


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        (NAME, "", Problem("required")),
        (NAME, None, Problem("required")),
        (NAME, "Bo", None),
        (NAME, "waytoolongname", Problem("too_long", 8)),
        (LANG, None, None),
        (LANG, "fr", Problem("option")),
        (AGE, "abc", Problem("number")),
        (AGE, 7.5, None),
        (TERMS, False, Problem("required")),
        (TERMS, True, None),
        (InputField("file", "doc", "A document", max_length=5), object(), None),
        (DATA, "{", Problem("json")),
        (DATA, "[1]", Problem("json")),
        (DATA, "{}", None),
        (InputField("file", "doc", "Doc", required=True), [], Problem("required")),
    ],
)
def test_what_cannot_be_sent(field: InputField, value: Any, wrong: Problem | None) -> None:
    assert problem(field, value) == wrong


def test_all_problems_at_once() -> None:
    assert problems(FORM, {}) == {"name": Problem("required"), "terms": Problem("required")}


def test_what_is_sent() -> None:
    values = {"name": "Bo", "lang": None, "age": 42.0, "terms": True, "data": '{"b": [2]}', "stranger": 1}
    assert sent(FORM, values) == {"name": "Bo", "age": 42, "terms": True, "data": {"b": [2]}}
    assert sent((TERMS,), {"terms": False}) == {"terms": False}


@pytest.mark.parametrize(
    ("case", "variable"),
    [
        ("33_err_required_input_missing", "name"),
        ("33_err_input_too_long", "name"),
        ("33_err_select_bad_option", "lang"),
        ("33_err_number_input_bad", "age"),
    ],
)
def test_difys_complaint_finds_its_field(case: str, variable: str) -> None:
    assert blamed(FORM, json.loads(body(case))["message"]) == variable
    assert blamed((), json.loads(body(case))["message"]) is None


@pytest.mark.parametrize("message", ["", "query is required", "name", "Workflow not published"])
def test_other_refusals_blame_no_field(message: str) -> None:
    assert blamed(FORM, message) is None


@given(
    st.sampled_from(KINDS),
    st.one_of(
        st.none(),
        st.booleans(),
        st.floats(),
        st.text(),
        st.lists(st.text()),
        st.dictionaries(st.text(), st.text()),
    ),
    st.text(),
)
def test_no_default_and_no_address_breaks_it(kind: str, default: Any, given: str) -> None:
    field = InputField(kind, "v", "V", default=default, options=("a",))
    for address in ({}, {"inputs.v": given}):
        value = first(field, address)
        if problem(field, value) is None:
            sent((field,), {"v": value})
