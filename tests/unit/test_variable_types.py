"""Typed text read as a value of a variable's type, and a value written as text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dify.variables import typed
from services.variable_types import EDITABLE, KINDS, Unfit, brief, kind_of, read, written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("text", "value_type", "value"),
    [
        ("42", "number", 42),
        (" -2.5 ", "number", -2.5),
        ("+7", "number", 7),
        ("12345678901234567890123", "number", 12345678901234567890123),
        ("true", "boolean", True),
        ("false", "boolean", False),
        (" a text, as it is ", "string", " a text, as it is "),
        ("", "string", ""),
        ("hush", "secret", "hush"),
        ('{"theme": "dark"}', "object", {"theme": "dark"}),
        ("[1, 2.5]", "array[number]", [1, 2.5]),
        ("[]", "array[object]", []),
        ('["a", 1, null]', "array[any]", ["a", 1, None]),
        ("[true]", "array[boolean]", [True]),
        ('[{"k": 1}]', "array[object]", [{"k": 1}]),
        ("[1]", "json", [1]),
    ],
)
def test_a_value_of_its_type(text: str, value_type: str, value: Any) -> None:
    got = read(text, value_type)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("text", "value_type", "code", "place"),
    [
        ("", "secret", "empty", (0, 0, 0)),
        ("four", "number", "number", (0, 0, 0)),
        ("", "number", "number", (0, 0, 0)),
        ("true", "number", "number", (0, 0, 0)),
        ("2,5", "number", "number", (0, 0, 0)),
        ("NaN", "number", "number", (0, 0, 0)),
        ("1e999", "number", "large", (0, 0, 0)),
        ('{\n "a": 1,\n oops\n}', "object", "syntax", (3, 2, 0)),
        ("{'theme': 'dark'}", "object", "syntax", (1, 2, 0)),
        ("", "object", "syntax", (1, 1, 0)),
        ("[1e999]", "array[number]", "large", (0, 0, 0)),
        ("[NaN]", "array[number]", "large", (0, 0, 0)),
        ("[" * 100_000, "array[any]", "large", (0, 0, 0)),
        ("[1]", "object", "object", (0, 0, 0)),
        ("{}", "array[any]", "array", (0, 0, 0)),
        ('["a", 2]', "array[string]", "item", (0, 0, 2)),
        ("[1, true]", "array[number]", "item", (0, 0, 2)),
        ("[1]", "array[boolean]", "item", (0, 0, 1)),
        ("[{}, []]", "array[object]", "item", (0, 0, 2)),
    ],
)
def test_what_is_no_value_of_the_type(
    text: str, value_type: str, code: str, place: tuple[int, int, int]
) -> None:
    with pytest.raises(Unfit) as told:
        read(text, value_type)
    error = told.value
    assert (error.code, (error.line, error.column, error.item)) == (code, place)


def test_every_type_of_the_document_has_a_kind() -> None:
    scalars = ("string", "number", "boolean", "object", "secret", "file", "json")
    arrays = (f"array[{each}]" for each in ("any", "string", "number", "object", "boolean", "file"))
    assert all(each in KINDS for each in (*scalars, *arrays))
    for value_type in ("file", "array[file]", "quaternion", ""):
        assert kind_of(value_type) not in EDITABLE


@settings(max_examples=25)
@given(JSON)
def test_what_is_written_is_read_again(value: Any) -> None:
    if isinstance(value, dict):
        assert read(written(value), "object") == value
    elif isinstance(value, list):
        assert read(written(value), "array[any]") == value
        assert "\n" not in brief(value)


@settings(max_examples=25)
@given(JSON.filter(lambda value: isinstance(value, list | dict)))
def test_python_and_json_are_the_same_value(value: Any) -> None:
    assert typed(repr(value), "object") == value


@pytest.mark.parametrize(
    "raw", ["__import__('os').system('true')", "{'a': open('x')}", "lambda: 1", "{1, 2}"]
)
def test_nothing_is_run(raw: str) -> None:
    assert typed(raw, "object") == raw
    assert written(typed(raw, "object")) == raw
