"""One person's data, erased: nothing of it is in any table or file, and nobody else's is touched."""

from __future__ import annotations

import importlib
import pkgutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import services
from services import assembly
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
from services.gaps import likeness
from services.gaps.mark import MarkBook
from services.gaps.meanings import digest, gap_vectors
from services.history import Query
from services.identities.accounts import LocalAccounts
from services.identities.open import Open
from services.identity import Denied, Departures, Identity, Role, Secret
from services.outcome import Rating
from services.pending import Pending, PendingFiles
from services.privacy import at_dify
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
        made = assembly.over(App("app", client), Open(Secret(b"s" * 32)), store, pending=pending)
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
    site.people.sightings.heard("app", [EndUser(dify.end_user(who.user), who.user, name)], "upload")
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


def test_a_dify_that_is_away_is_told_and_asked_again(
    site: Site, dify: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_dify, "PAUSES", (0.05,))
    dify.keep(row("q", "a"), user=ANN.user)
    dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    erased = site.erasure.erase(DAN, Subject(ANN.user), at_dify=True)
    work = erased.at_dify
    assert work
    until(lambda: work.over, "the first attempt")
    until(lambda: {(left.app, left.conversation_id) for left in work.left} == {("app", "")}, "what is left")
    assert work.again
    waiting = site.erasure.unfinished(DAN)
    assert {(each.tag, each.app) for each in waiting} == {(erased.tag, "app")}
    until(lambda: any(each.code == "unknown" for each in site.erasure.unfinished(DAN)), "why")
    dify.fail("conversations")
    until(lambda: not work.again, "the end of it")
    assert (dify.dialogues, site.erasure.unfinished(DAN), work.deleted) == ({}, [], 1)
    assert CANARY not in str(everything(site))
    until(lambda: in_files(tmp_path, CANARY.encode()) == [], "no trace in the file")


def test_what_dify_is_to_delete_is_deleted_after_a_restart(
    site: Site, dify: Upstream, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        dify.keep(row(f"q {number}", "a"), user=ANN.user)
    dify.fail("delete", Refusal.of(500, "unknown", "broken"))
    monkeypatch.setattr(at_dify, "PAUSES", (0.05,))
    work = site.erasure.erase(DAN, Subject(ANN.user), at_dify=True).at_dify
    assert work
    until(lambda: work.over, "the first attempt")
    site.stop()
    assert len(dify.dialogues) == 3
    # Who erases again without it does not take back what was wanted.
    with Client(dify.url, dify.key) as client:
        later = assembly.over(App("app", client), Open(Secret(b"s" * 32)), opened())
        until(lambda: later.erasure.unfinished(DAN), "what is left")
        later.erasure.erase(DAN, Subject(ANN.user))
        later.stop()
        dify.fail("delete")
        again = assembly.over(App("app", client), Open(Secret(b"s" * 32)), opened())
        again.erasure.start()
        until(lambda: not again.erasure.unfinished(DAN), "the end of it")
        assert dify.dialogues == {}
        until(lambda: "person.erased_at_dify" in str(everything(again)["audit"]), "the trail")
        assert CANARY not in str(everything(again))
        again.stop()


def test_who_erases_themselves_is_not_in_the_trail(site: Site, dify: Upstream) -> None:
    own = Identity(f"dan-{CANARY}", Role.ADMIN, f"Dan {CANARY}")
    asked(site, own, "mine")
    site.erasure.erase(own, Subject(own.user))
    assert own.user not in str(everything(site))


def test_an_account_goes_with_its_sessions(store: Store, dify: Upstream) -> None:
    with Client(dify.url, dify.key) as client:
        secret = Secret(b"s" * 32)
        site = assembly.over(
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


def every_table() -> None:
    """Known to `metadata`."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_no_table_is_forgotten() -> None:
    """A new table is somebody's, names who worked, or is nobody's: holdings.py says which."""
    every_table()
    told = {each.name for each in WHOSE} | WORKED.keys() | ACCOUNT.keys() | NOBODYS
    assert set(metadata.tables) <= told


NO_PERSON = """
action after_answer after_question annotation_id answer app batch before_answer before_question case_id
cause changes code content conversation_id currency details digest direction draft draft_id error
expected_id expected_question filters folded got_id got_question how id import_id inputs introduction
job_id key kind message_id misses model name origin other_answer other_id other_question outcome parts
password phrases phrasings place provider query question rating reason refusal rest run_id seen_answer
seen_question source state status status_before step_id subject tag tags tags_before text title token
turn turn_id turns twins type undoes undone_by value vector
"""
"""Columns that say who somebody is in no table but where holdings.py says so."""


def test_no_column_is_forgotten() -> None:
    """A new name of a column that holds text: say in holdings.py whose it is, or here that it is nobody's."""
    every_table()
    told: dict[str, set[str]] = {name: {column} for name, column in ACCOUNT.items()}
    for each in WHOSE:
        told.setdefault(each.name, set()).update(each.columns)
    for name, columns in WORKED.items():
        told.setdefault(name, set()).update((*columns, *columns.values()))
    texts = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, sa.String | sa.JSON | sa.LargeBinary)
        and column.name not in told.get(table.name, set()).union(NO_PERSON.split())
    }
    assert texts == set()


def test_all_that_is_somebodys_goes_by_its_age_or_stays_as_long_as_they_do() -> None:
    every_table()
    stay = ["erasures", "preferences", "grants", "staff", "work_views", "sign_ins", "listings", "measures"]
    assert {each.name for each in WHOSE if not (each.at or each.under[0])} == set(stay)
    for each in WHOSE:
        above, columns = each.under
        assert not above or len(metadata.tables[above].primary_key.columns) == len(columns)


def test_questions_that_marks_of_gaps_quote_go_and_those_of_others_stay(site: Site) -> None:
    turn = asked(site, ANN, f"Where is {CANARY}'s parcel?").turns()[0]
    marks = MarkBook(site.store.database)
    for question in (f"where is  {CANARY}'s PARCEL?", "Where is it?"):
        phrasings = [question, f"Where is {CANARY}'s parcel?", "Where is my parcel?"]
        marks.add("cat", "app", "covered", question, phrasings, [turn.message_id, "another"])
    ours = [likeness.key(text) for text in (f"Where is {CANARY}'s parcel?", "another's")]
    rows = [{"digest": digest(key), "vector": b"v", "at": 1.0} for key in ours]
    with site.store.database.begin() as connection:
        connection.execute(sa.insert(gap_vectors), rows)
    site.erasure.erase(DAN, Subject(ANN.user))
    assert CANARY not in str(everything(site))
    assert [digest(ours[1]) in row for row in everything(site)["gap_vectors"]] == [True]
    kept = sorted(marks.all(None), key=lambda mark: mark.question)
    assert [(mark.question, mark.misses) for mark in kept] == [
        ("Where is it?", ("another",)),
        ("Where is my parcel?", ("another",)),
    ]


def test_turns_that_are_saved_again_by_the_saver_are_of_others_alone(site: Site) -> None:
    place = asked(site, ANN, "one")
    run = next(iter(site.runs._by_send_id.values()))
    site.erasure.erase(DAN, Subject(ANN.user))
    run.turn = Turn(f"{CANARY}", id=run.turn.id, state="complete", asked_at=time.time())
    run.dirty = True
    site.runs.saver.save(run)
    assert place.erased
    assert CANARY not in str(everything(site))
