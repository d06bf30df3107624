"""Foreign text in labels: nothing that markdown would make of it, and no backslash for a screen reader."""

from __future__ import annotations

import pytest

from components import words

UNSEEN = str.maketrans("", "", words.JOINER + words.SPACE)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("What's the price (in €)?", "What's the price (in €)?"),
        ("order_total 3*4 #2, e.g. 5-6", f"order_total 3*{words.SPACE}4 #2, e.g. 5-6"),
        ("Your *name*", f"Your *{words.SPACE}name*{words.SPACE}"),
        ("__init__", f"__{words.SPACE}init__{words.SPACE}"),
        (":red[x] :smile:", f":{words.SPACE}red{words.SPACE}[x] :{words.SPACE}smile:"),
        ("![x](https://e.vil)", f"![x]{words.SPACE}(https:/{words.JOINER}/e.vil)"),
        ("a -> b &amp; <b>", f"a -{words.SPACE}> b &{words.SPACE}amp; <{words.SPACE}b>"),
        ("# 1", f"#{words.SPACE} 1"),
        ("costs $5", "costs $5"),
        ("$5 and `6`", "$5 and \u02cb6\u02cb"),
        ("$5 and $6", "\uff045 and \uff046"),
    ],
)
def test_a_label_says_what_was_given(text: str, source: str) -> None:
    assert words.label(text) == source
    alike = words.label(text).translate(UNSEEN).replace("\uff04", "$").replace("\u02cb", "`")
    assert alike == text


def test_one_line_and_no_longer_than_wanted() -> None:
    assert words.line(" a\n b\tc ", 80) == "a b c"
    assert words.line("x" * 90, 40) == words.label("x" * 90, 40) == "x" * 39 + "…"
