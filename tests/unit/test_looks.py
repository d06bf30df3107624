"""Looks at others' conversations: who may, what is written down first, and that nothing can be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from services import assembly
from services.apps import App
from services.audit import Audit, table
from services.dify.client import Client
from services.dify.errors import NotFound
from services.directory import NotTheirs
from services.draft import Draft
from services.identities.open import Open
from services.identity import Denied, Identity, Role, Secret
from services.looks import ONE_LOOK, Looks
from services.site import Site
from services.store import Store, StoreError
from tests.upstream import Upstream

ANN, BEN = Identity("ann", Role.AGENT, "Ann"), Identity("ben", Role.AGENT, "Ben")
CAT, DAN = Identity("cat", Role.CURATOR, "Cat"), Identity("dan", Role.ADMIN, "Dan")


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with Upstream() as dify, Client(dify.url, dify.key) as client:
        yield assembly.over(App("support", client), Open(Secret(b"s" * 32)), store)


@pytest.fixture
def asked(site: Site) -> str:
    """The id of a conversation of Ann's."""
    place = site.directory.open(ANN, site.apps[0], "~ann-asks-something")
    run = site.runs.start(ANN, site.apps[0].client, place, Draft("Where is it?"), "send-one")
    assert run.done.wait(20)
    assert place.conversation_id
    return place.conversation_id


def rows(site: Site) -> list[sa.Row[Any]]:
    with site.store.database.begin() as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.id)))


def test_a_curator_reads_what_ann_asked_and_that_is_written_down(site: Site, asked: str) -> None:
    look = site.looks.open(CAT, site.apps[0], "ann", asked)
    assert [turn.query for turn in look.conversation.turns()] == ["Where is it?"]
    (row,) = rows(site)
    assert (row.user, row.name, row.role, row.action) == ("cat", "Cat", Role.CURATOR, "look.conversation")
    assert (row.app, row.about, row.details) == ("support", asked, {"user": "ann"})
    site.looks.open(CAT, site.apps[0], "ann", asked)
    assert len(rows(site)) == 1, "going back to it is the same look"
    site.looks.open(DAN, site.apps[0], "ann", asked)
    assert len(rows(site)) == 2


def test_a_list_is_a_look_too(site: Site, asked: str) -> None:
    assert [row.id for row in site.looks.conversations(CAT, site.apps[0], "ann").data] == [asked]
    assert [(row.action, row.about) for row in rows(site)] == [("look.list", "ann")]


def test_an_agent_may_look_only_while_it_is_granted(site: Site, asked: str) -> None:
    for denied in (ANN, BEN, Identity("eve", Role.VIEWER)):
        with pytest.raises(Denied):
            site.looks.open(denied, site.apps[0], "ann", asked)
        with pytest.raises(Denied):
            site.looks.conversations(denied, site.apps[0], "ann")
    assert rows(site) == []
    with pytest.raises(Denied):
        site.looks.grant(CAT, "ben", "Ben")
    site.looks.grant(DAN, "ben", "Ben")
    assert [(grant.user, grant.by) for grant in site.looks.grants(DAN)] == [("ben", "Dan")]
    look = site.looks.open(BEN, site.apps[0], "ann", asked)
    assert site.looks.holds(BEN, look.key)
    # What is in memory here is read from the database by the next process.
    again = Looks(site.store.database, site.directory, site.audit, site.departures)
    assert again.allowed(BEN)
    assert not again.allowed(Identity("ben", Role.VIEWER)), "a viewer reads nobody else's"
    site.looks.revoke(DAN, "ben")
    assert not site.looks.allowed(BEN)
    assert not site.looks.holds(BEN, look.key), "what was open closes"
    assert [row.action for row in rows(site)] == ["look.granted", "look.conversation", "look.revoked"]


def test_a_key_is_good_for_who_looks_and_for_reading_alone(site: Site, asked: str) -> None:
    look = site.looks.open(CAT, site.apps[0], "ann", asked)
    assert site.looks.of(CAT, look.key) is look.conversation
    for other in (DAN, ANN, Identity("cat", Role.AGENT, "Cat")):
        with pytest.raises(NotTheirs):
            site.looks.of(other, look.key)
    with pytest.raises(NotTheirs):  # routes that change something ask the directory
        site.directory.of(CAT, look.key)
    site.looks.forget("ann")
    with pytest.raises(NotTheirs):
        site.looks.of(CAT, look.key)


def test_what_is_not_there_is_said_and_nobody_looks_unseen(
    site: Site, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound):
        site.looks.open(CAT, site.apps[0], "ann", "0b0f5a76-0000-4000-8000-000000000000")
    with pytest.raises(NotTheirs):
        site.looks.open(CAT, site.apps[0], "", asked)

    def broken(*_: object, **__: object) -> None:
        raise StoreError("full")

    monkeypatch.setattr(Audit, "record", broken)
    with pytest.raises(StoreError):
        site.looks.open(CAT, site.apps[0], "ann", asked)
    site.audit.note(CAT, "anything")  # says so in the log alone


def test_a_later_look_is_another_one(site: Site, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.looks.open(CAT, site.apps[0], "ann", asked)
    first.at -= ONE_LOOK
    assert site.looks.open(CAT, site.apps[0], "ann", asked).key != first.key
    assert len(rows(site)) == 2
