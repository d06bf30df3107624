"""One person's data, erased: nothing of it is in any table or file, and nobody else's is touched."""

from __future__ import annotations

import importlib
import pkgutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import services
from services.accounts.book import Accounts
from services.annotations.change import annotation_changes
from services.apps import App
from services.audit import table as audit
from services.conversations import Conversation
from services.database import metadata
from services.dify.client import Client
from services.dify.end_users import EndUser
from services.dify.variables import Variable
from services.directory import NotTheirs
from services.draft import Draft
from services.history import Query
from services.identities.accounts import LocalAccounts
from services.identities.open import Open
from services.identity import Denied, Departures, Identity, Role, Secret
from services.outcome import Rating
from services.pending import Pending, PendingFiles
from services.privacy.erasure import OwnAccount
from services.privacy.holdings import ACCOUNT, NOBODYS, WHOSE, WORKED
from services.privacy.subject import Subject
from services.site import Site
from services.store import Store
from services.turn import Turn
from services.variable_log import Place
from tests.site import until
from tests.upstream import Answer, Gate, Refusal, Upstream, row

CANARY = "kanarienvogel"
"""In every text of the person's, and in all that the person is called."""
ANN, BOB = Identity(f"ann-{CANARY}", Role.AGENT, f"Ann {CANARY}"), Identity("bob", Role.AGENT, "Bob")
DAN = Identity("dan", Role.ADMIN, "Dan")
LONG = 20.0


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as made:
        yield made


@pytest.fixture
def site(store: Store, dify: Upstream, tmp_path: Path) -> Iterator[Site]:
    store.ready()
    with Client(dify.url, dify.key) as client:
        pending = PendingFiles(tmp_path / "data" / "pending")
        made = Site.over(App("app", client), Open(Secret(b"s" * 32)), store, pending=pending)
        yield made
        made.stop()


def asked(site: Site, who: Identity, query: str) -> Conversation:
    place = site.directory.open(who, site.apps[0], f"~{uuid.uuid4().hex}")
    run = site.runs.start(who, site.apps[0].client, place, Draft(query), uuid.uuid4().hex)
    assert run
    assert run.done.wait(LONG)
    return place


def lived_in(site: Site, dify: Upstream, who: Identity) -> Conversation:
    """All that this site keeps of somebody, with the words of the person's name in all of it."""
    app, name, said = site.apps[0], who.name, f"words of {who.name}"
    place = asked(site, who, said)
    assert place.conversation_id
    turn = place.turns()[0]
    here = (app.slug, who.user, place.conversation_id)
    site.runs.details.take(turn.id, "node", {"inputs": {"said": said}})
    site.runs.details.write(place.key, turn.id)
    site.store.rate(who.user, turn.message_id, Rating("dislike", said))
    site.store.prefer(who.user, "greeting", said)
    site.archive.marks.name(*here, said)
    site.archive.history.page(who, app, Query(text=said))
    site.archive.shares.make(who, app, place.conversation_id, said, [turn], 1000.0)
    site.archive.exports.request(who, app, [place.conversation_id], "json")
    site.variable_log.note(Place(*here), [Variable("v", "who", "string", said)], "edit")
    site.pending.put(place, Pending("p", f"{name}.txt", said.encode()))
    site.looks.grant(DAN, who.user, name)
    site.people.heard("app", [EndUser(dify.end_user(who.user), who.user, name)], "upload")
    site.audit.record(DAN, "look.list", app="app", about=who.user, user=who.user)
    site.audit.record(who, "note.add", app="app")
    site.audit.record(who, "sign_in.succeeded", about=who.name, address=f"address of {said}")
    work: dict[str, Any] = {column.name: "" for column in annotation_changes.c}
    work |= {"id": uuid.uuid4().hex, "app": "app", "user": who.user, "at": 1.0, "before_hits": 0}
    with site.store.database.begin() as connection:
        connection.execute(sa.insert(annotation_changes).values(work))
    return place


def everything(site: Site) -> dict[str, list[tuple[Any, ...]]]:
    with site.store.database.begin() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in metadata.sorted_tables
        }


def in_files(folder: Path, words: bytes) -> list[str]:
    return [str(p) for p in folder.rglob("*") if p.is_file() and words in p.read_bytes().lower()]


def test_nothing_of_a_person_is_left_and_all_of_the_others(
    site: Site, dify: Upstream, tmp_path: Path
) -> None:
    lived_in(site, dify, ANN)
    others = lived_in(site, dify, BOB)
    until(lambda: site.people.page(DAN, site.apps[0]).total == 2, "both in the directory")
    before, sqlite = everything(site), site.store.database.dialect == "sqlite"
    assert CANARY in str(before)
    if sqlite:
        assert in_files(tmp_path, CANARY.encode())

    found = site.erasure.found(DAN, Subject(ANN.user))
    erased = site.erasure.erase(DAN, Subject(ANN.user))
    assert erased.counts == found
    kinds = "answers steps searched listed variables ratings marks shares files preferences rights directory"
    assert {*kinds.split(), "conversations", "worked"} <= found.keys()

    after = everything(site)
    assert CANARY not in str(after)
    assert site.erasure.found(DAN, Subject(ANN.user)) == {}
    if sqlite:
        assert in_files(tmp_path, CANARY.encode()) == []
    for table, rows in before.items():
        if table not in {"audit", "annotation_changes"}:
            assert [row for row in rows if "bob" in row.lower()] == [
                row for row in after[table] if "bob" in row.lower()
            ], table
    assert len(after["annotation_changes"]) == len(before["annotation_changes"])  # the work stays
    assert site.archive.history.page(BOB, site.apps[0], Query(text="words")).rows
    assert site.pending.of(others)
    with site.store.database.begin() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.id)).all()
    begun, done = rows[-2:]
    assert [(row.user, row.action, row.about) for row in (begun, done)] == [
        ("dan", "person.erasing", erased.tag),
        ("dan", "person.erased", erased.tag),
    ]
    assert done.details == found


def test_a_running_answer_ends_and_is_not_written_again(site: Site, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer(f"some {CANARY} ", gate, "more"))
    place = site.directory.open(ANN, site.apps[0], "~a-running-answer")
    run = site.runs.start(ANN, site.apps[0].client, place, Draft(CANARY), "send-running")
    assert run
    gate.wait_reached()
    until(lambda: CANARY in run.turn.answer, "the first words")
    seen = threading.Event()
    place.watch(seen.set)
    site.erasure.erase(DAN, Subject(ANN.user))
    assert run.turn.state == "stopped"
    assert place.erased
    assert seen.is_set()
    gate.open()
    assert run.done.wait(LONG)
    site.runs.close()  # writes whatever is not written yet
    assert CANARY not in str(everything(site))
    with pytest.raises(NotTheirs):
        site.directory.of(ANN, place.key)
    assert site.people.page(DAN, site.apps[0]).total == 0


def test_looks_at_the_person_close(site: Site, dify: Upstream) -> None:
    kept = dify.keep(row("q", "a"), user=ANN.user)
    look = site.looks.open(DAN, site.apps[0], ANN.user, kept.id)
    site.erasure.erase(DAN, Subject(ANN.user))
    assert not site.looks.holds(DAN, look.key)


def test_who_comes_back_is_a_new_person(site: Site, dify: Upstream) -> None:
    asked(site, ANN, "before")
    site.erasure.erase(DAN, Subject(ANN.user))
    asked(site, ANN, "after")
    until(lambda: site.people.page(DAN, site.apps[0]).total == 1, "the new sighting")
    (kept,) = everything(site)["turns"]
    assert "after" in kept


def test_conversations_at_dify_go_one_by_one_and_what_stays_is_told(site: Site, dify: Upstream) -> None:
    mine = [dify.keep(row(f"q {number}", "a"), user=ANN.user).id for number in range(105)]
    his = dify.keep(row("q", "a"), user="bob").id
    no = Refusal.of(403, "no_permission", "not that one")
    dify.fail("delete", no, Refusal.of(404, "not_found", "gone"), no)
    work = site.erasure.erase(DAN, Subject(ANN.user), at_dify=True).at_dify
    assert work
    until(lambda: work.over, "the end of it")
    assert (work.total, work.deleted, len(work.left)) == (105, 1, 104)
    assert {left.code for left in work.left} == {"no_permission"}
    assert set(dify.dialogues) == {*mine, his}
    dify.fail("delete")
    again = site.erasure.erase(DAN, Subject(ANN.user), at_dify=True).at_dify
    assert again
    until(lambda: again.over, "the end of it")
    assert (again.deleted, again.left) == (105, [])
    assert set(dify.dialogues) == {his}
    with site.store.database.begin() as connection:
        told = sa.select(audit.c.details).where(audit.c.action == "person.erased_at_dify")
        rows = connection.execute(told.order_by(audit.c.id)).scalars().all()
    assert rows == [{"deleted": 1, "left": 104}, {"deleted": 105, "left": 0}]


def test_a_dify_that_is_away_is_told(site: Site, dify: Upstream) -> None:
    dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    work = site.erasure.erase(DAN, Subject(ANN.user), at_dify=True).at_dify
    assert work
    until(lambda: work.over, "the end of it")
    assert {(left.app, left.conversation_id) for left in work.left} == {("app", "")}


def test_who_erases_themselves_is_not_in_the_trail(site: Site, dify: Upstream) -> None:
    own = Identity(f"dan-{CANARY}", Role.ADMIN, f"Dan {CANARY}")
    asked(site, own, "mine")
    site.erasure.erase(own, Subject(own.user))
    assert own.user not in str(everything(site))


def test_an_account_goes_with_its_sessions(store: Store, dify: Upstream) -> None:
    with Client(dify.url, dify.key) as client:
        secret = Secret(b"s" * 32)
        site = Site.over(
            App("app", client),
            LocalAccounts(Accounts(store.database, secret, departures := Departures())),
            store,
            departures=departures,
        )
        people = site.identities
        assert isinstance(people, LocalAccounts)
        people.book.admit(f"ann.{CANARY}", Role.AGENT)
        people.book.admit("dan", Role.ADMIN)
        subject = Subject(people.user_of(f"ann.{CANARY}"), account=f"ann.{CANARY}")
        dan = Identity(people.user_of("dan"), Role.ADMIN, "dan")
        with pytest.raises(OwnAccount):
            site.erasure.erase(dan, Subject(dan.user, account="dan"))
        assert site.erasure.erase(dan, subject).counts == {"account": 1, "worked": 1}
        assert CANARY not in str(everything(site))
        assert "dan" in str(everything(site)["accounts"])


def test_only_admins_erase(site: Site) -> None:
    for denied in (BOB, Identity("cat", Role.CURATOR)):
        with pytest.raises(Denied):
            site.erasure.found(denied, Subject(ANN.user))
        with pytest.raises(Denied):
            site.erasure.erase(denied, Subject(ANN.user))
    assert everything(site)["audit"] == []


def test_no_table_is_forgotten() -> None:
    """A new table is somebody's, names who worked, or is nobody's: holdings.py says which."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    told = {each.name for each in WHOSE} | WORKED.keys() | ACCOUNT.keys() | NOBODYS
    assert set(metadata.tables) <= told


def test_turns_that_are_saved_again_by_the_saver_are_of_others_alone(site: Site) -> None:
    place = asked(site, ANN, "one")
    run = next(iter(site.runs._by_send_id.values()))
    site.erasure.erase(DAN, Subject(ANN.user))
    run.turn = Turn(f"{CANARY}", id=run.turn.id, state="complete", asked_at=time.time())
    run.dirty = True
    site.runs.saver.save(run)
    assert place.erased
    assert CANARY not in str(everything(site))
