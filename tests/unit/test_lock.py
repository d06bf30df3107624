"""requirements.lock is what a deployment installs: all of it, by version and hash."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.site import ROOT

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
LEAST = {"streamlit": "1.54", "starlette": "1.1"}
"""Before these, a path of Windows leads them to another machine (CVE-2026-33682, CVE-2026-48818)."""


def entries() -> dict[str, list[tuple[Requirement, list[str]]]]:
    """By name; one of several where platforms need different versions."""
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            wanted, *hashes = re.split(r"\s+(?=--)", line.strip())
            each = Requirement(wanted)
            found.setdefault(canonicalize_name(each.name), []).append((each, hashes))
    return found


def here(name: str) -> Version | None:
    """The version that is locked for this machine."""
    for each, _ in entries().get(canonicalize_name(name), []):
        if each.marker is None or each.marker.evaluate():
            (pin,) = each.specifier
            return Version(pin.version)
    return None


def wanted(path: Path) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r ")]


def test_every_line_is_a_version_with_hashes() -> None:
    assert len(entries()) > 50
    for name, each in entries().items():
        for requirement, hashes in each:
            assert [pin.operator for pin in requirement.specifier] == ["=="], name
            assert hashes, name
            assert all(HASH.fullmatch(one) for one in hashes), name


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-postgres.txt"])
def test_it_holds_what_is_required(file: str) -> None:
    for each in wanted(ROOT / file):
        locked = here(each.name)
        assert locked, each
        assert each.specifier.contains(locked), (each, locked)


def test_nothing_that_is_needed_further_down_is_missing() -> None:
    for name in entries():
        try:
            needed = [Requirement(each) for each in requires(name) or []]
        except PackageNotFoundError:
            continue  # of another platform
        for each in needed:
            if each.marker is None or each.marker.evaluate({"extra": ""}):
                locked = here(each.name)
                assert locked, (name, each)
                assert each.specifier.contains(locked, prereleases=True), (name, each, locked)


@pytest.mark.parametrize("name", LEAST)
def test_versions_with_known_holes_are_left_behind(name: str) -> None:
    locked = here(name)
    assert locked
    assert locked >= Version(LEAST[name])
