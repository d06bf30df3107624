"""What is remembered of people is remembered of so many and no more."""

from __future__ import annotations

import pytest

from services import history, titles
from services.apps import App
from services.dify.client import Client
from services.history import History, Query
from services.identity import Identity, Role
from services.lately import Lately
from services.search import Search
from services.store import Store
from services.titles import Titles
from tests.site import until
from tests.upstream import Upstream


def test_what_was_put_longest_ago_goes_first() -> None:
    known: Lately[str, int] = Lately(2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        known.put(key, value)
    assert (len(known), known.get("a"), known.get("b"), known.get("c")) == (2, 3, None, 4)
    assert (known.pop("a"), known.pop("a"), len(known)) == (3, None, 1)


def test_lists_of_all_who_ever_came_do_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(titles, "REMEMBERED", 3)
    monkeypatch.setattr(history, "REMEMBERED", 3)
    with Upstream() as dify, Client(dify.url, dify.key) as client:
        app, store, listed = App("app", client), Store.in_memory(), Titles()
        past = History(store, listed, Search(store))
        for number in range(6):
            who = Identity(f"visitor-{number}", Role.AGENT)
            assert listed.of(app, who.user, 10) == ()
            past.page(who, app, Query(text="anything"))
            until(lambda: not past._reading, "the reading of the list")
        assert len(listed._read) == len(past._looked) == 3
        assert listed.known("app", "visitor-5") == ()
