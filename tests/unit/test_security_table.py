"""docs/security.md names code and tests: all of them are there, and each row has both."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.site import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| protected |")
]
NAME = re.compile(r"`([^`]+)`")


@cache
def defined(path: Path) -> frozenset[str]:
    """Functions, classes and their methods, and what a module assigns; of JavaScript its functions."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return frozenset(re.findall(r"^(?:export )?(?:async )?(?:function\*?|const|class) (\w+)", text, re.M))
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{each.name}" for each in node.body if hasattr(each, "name")}
    return frozenset(names)


def missing(reference: str) -> str | None:
    """What is not there of a `file`, a `file:function` or a `file::test`."""
    name, _, inside = reference.replace("::", ":").partition(":")
    path = ROOT / name
    if not path.is_file():
        return name
    return reference if inside and inside not in defined(path) else None


def test_there_are_rows() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if len(row) != 4] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_row_names_what_is_there(row: list[str]) -> None:
    _, _, by, proof = row
    guards, proofs = NAME.findall(by), NAME.findall(proof)
    assert guards
    assert proofs
    assert [gone for each in (*guards, *proofs) if (gone := missing(each))] == []
    assert not [each for each in guards if each.startswith("tests/")]
    assert all(re.fullmatch(r"tests/[\w/]+\.py::test_\w+", each) for each in proofs)


def test_what_is_not_there_is_noticed() -> None:
    for gone in (
        "services/nothing.py",
        "services/files.py:nothing",
        "tests/unit/test_files.py::test_nothing",
    ):
        assert missing(gone)
    assert missing("services/files.py:Files.open") is None
    assert missing(".streamlit/config.toml") is None
