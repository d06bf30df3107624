"""Below curator nothing of the annotations is to be had: no public function of theirs forgets to ask."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import services.annotations
from services.annotations.book import Book
from services.annotations.cases import Cases
from services.annotations.drafts import Drafts
from services.annotations.entries import Entries
from services.annotations.guidelines import Guidelines
from services.annotations.imports import Imports
from services.annotations.journal import Journal
from services.annotations.reply import Replies
from services.annotations.scratch import Scratch
from services.apps import App
from services.database import Memory
from services.dify.client import Client
from services.identity import Denied, Identity, Role
from tests.annotated import Annotated

HANDED_OUT = (Book, Cases, Drafts, Guidelines, Imports, Replies)
"""What pages and routes are given; pyproject.toml keeps them from the rest."""
OF_THE_SITE = {"Imports.go_on", "Imports.close", "Cases.close"}
"""Asked for by the site itself, when it starts and ends."""
WRITES_DOWN = (Entries, Journal)
"""Write down who it was; those above have asked what that person may."""


def functions() -> Iterator[tuple[str, Callable[..., Any], type | None]]:
    """All public ones of services.annotations: name, function, and the class of a method."""
    for found in pkgutil.iter_modules(services.annotations.__path__, "services.annotations."):
        module = import_module(found.name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
                continue
            if isinstance(value, FunctionType):
                yield f"{found.name.rpartition('.')[2]}.{name}", value, None
            elif isinstance(value, type) and value not in WRITES_DOWN:
                for own, method in inspect.getmembers(value, inspect.isfunction):
                    if not own.startswith("_"):
                        yield f"{name}.{own}", method, value


ASKING = [each for each in functions() if "identity" in inspect.signature(each[1]).parameters]


def test_all_that_is_handed_out_is_told_who_asks() -> None:
    asking = {name for name, _, _ in ASKING}
    handed = {name for name, _, of in functions() if of in HANDED_OUT}
    assert handed - asking == OF_THE_SITE
    assert len(asking) > 50


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_below_curator_nothing_is_read_or_done(role: Role, tmp_path: Path) -> None:
    database, eve = Memory(), Identity("eve", role)
    with Annotated() as dify, Client(dify.url, dify.key) as client:
        app = App("app", client)
        book = Book(app, database)
        objects: dict[type, object] = {
            Book: book,
            Cases: Cases(lambda _: book, database),
            Drafts: Drafts(book, database),
            Guidelines: Guidelines("app", database),
            Imports: Imports(lambda _: book, database),
            Replies: Replies(database),
            Scratch: Scratch(),
        }
        for name, function, of in ASKING:
            # Nothing but the person is what it should be: that has to be looked at first.
            signature = inspect.signature(function)
            wanted = [each for each in signature.parameters.values() if each.default is each.empty]
            known = {"self": objects.get(of) if of else None, "identity": eve, "book": book}
            given = {each.name: known.get(each.name, ()) for each in wanted}
            with pytest.raises(Denied):
                function(**given)
                pytest.fail(f"{name} was not refused")
        assert dify.requests == []
    database.close()
