"""PostgreSQL in the place of the file: what it is told, what it never tells, and what if it is away."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services import assembly, postgres, saver
from services.annotations.ledger import ImportRow, Ledger
from services.conversations import Conversation
from services.draft import Draft
from services.identity import LONGEST_USER, Identity, Role
from services.passages import terms
from services.rope import Rope
from services.search import Search
from services.settings import AppSettings, Settings, SettingsError
from services.site import Site
from services.store import Owned, Store, StoreError
from services.turn import Turn
from tests.postgres import Server
from tests.site import until
from tests.unit.archived import ADA, world_over
from tests.upstream import Upstream

LONG = 20.0
CONNECT_WAIT, ANSWER_WAIT = postgres.CONNECT_WAIT, postgres.ANSWER_WAIT
"""The product's own; the other tests are more patient."""
OWNED = Owned("key-1234567890", "app", "ada", None)


def test_rows_of_an_import_are_put_in_the_place_of_others(store: Store) -> None:
    ledger = Ledger("app", store.database)
    name = ledger.begin("ada", "x.csv").id
    ledger.write(ImportRow(name, number, "q", "a", "new") for number in range(3))
    ledger.write([ImportRow(name, 1, "q\0", "b", "near", twins=["t"])])
    found = {row.number: (row.question, row.answer, row.twins) for row in ledger.all_rows(name)}
    assert found == {0: ("q", "a", None), 1: ("q\0", "b", ["t"]), 2: ("q", "a", None)}


@pytest.mark.parametrize(
    ("text", "found", "not_found"),
    [
        ("今日は東京です foo.bar/baz", ("東京", "京", "は東京で", "bar", "FOO", "b"), ("東日", "京東", "ar")),
        ("Élan vital, naïve_word", ("elan", "naiv", "word", "vital elan"), ("lan", "vitale")),
        ("ภาษาไทย 한국어 Ελληνικά", ("ไทย", "국", "ελλη"), ("ทไ",)),
        ("x" * 90_000 + " " + " ".join(f"w{n}" for n in range(20_000)), ("x" * 300, "w19"), ("xy",)),
    ],
)
def test_words_are_found_as_they_begin(
    text: str, found: tuple[str, ...], not_found: tuple[str, ...], store: Store
) -> None:
    search, place = Search(store), Conversation(Owned("", "app", "ada", "c"))
    turn = Turn("", state="complete", message_id="m", text=Rope(text), asked_at=1.0)
    search.saw(place, "c", [turn])
    assert search.last_asked("app", "ada", ["c", "d"]) == {"c": ""}
    for words in found:
        assert "c" in search.hits("app", "ada", terms(words), ["c"]), words
        assert search.hits("app", "bob", terms(words), ["c"]) == {}
    for words in not_found:
        assert search.hits("app", "ada", terms(words), ["c"]) == {}, words


@pytest.mark.parametrize(
    "address", ["sqlite:///x", "postgresql://host", "mysql://u:hush@h/d", "postgresql://u:hush@h:x/d", "x"]
)
def test_what_is_no_address_of_a_database(address: str) -> None:
    with pytest.raises(SettingsError, match="not the address of a PostgreSQL database") as told:
        Settings.read({"DATABASE_URL": address}, Path())
    assert "hush" not in str(told.value)
    assert told.value.__cause__ is None


def test_an_address_of_a_database() -> None:
    read = Settings.read({"DATABASE_URL": "postgres://u:hush@h/d?sslmode=require"}, Path())
    assert read.postgres is not None
    assert (read.postgres.password, read.postgres.database) == ("hush", "d")
    assert "hush" not in repr(read)


def test_a_wrong_password_is_told_and_not_shown(postgresql: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = Store.on(postgresql.url("postgres").set(password="hush-hush"))
    with pytest.raises(StoreError, match="password authentication failed") as told:
        wrong.ready()
    wrong.close()
    assert "hush-hush" not in f"{told.value}{told.value.__cause__}{caplog.text}"


def test_a_second_site_finds_the_tables_made(postgresql: Server) -> None:
    url = postgresql.empty()
    first, second = Store.on(url), Store.on(url)
    first.add(OWNED)
    assert second.owner(OWNED.key) == OWNED
    postgresql.tell("UPDATE alembic_version SET version_num = '9999'", str(url.database))
    later = Store.on(url)
    with pytest.raises(StoreError):
        later.ready()
    for store in (first, second, later):
        store.close()


def test_nobody_waits_long_for_a_lock(postgresql: Server) -> None:
    url = postgresql.database()
    store = Store.on(url)
    store.add(OWNED)
    other = sa.create_engine(url.set(drivername="postgresql+psycopg"))
    with other.connect() as connection:
        connection.execute(sa.text("LOCK TABLE turns"))
        with pytest.raises(StoreError, match="lock timeout"):
            store.save(OWNED.key, Turn.asked("q", id="t", asked_at=1.0))
    other.dispose()
    store.save(OWNED.key, Turn.asked("q", id="t", asked_at=1.0))
    store.close()


PLAIN = Identity("ü" * LONGEST_USER, Role.ADMIN)
"""As AUTH_DIFY_USER=plain may have them."""


def test_the_longest_user_has_room_everywhere(postgresql: Server) -> None:
    url = postgresql.database()
    named = "('user', 'author', 'checked_by', 'by', 'owner', 'assignee', 'handled_by')"
    narrow = (
        "SELECT table_name, column_name FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND column_name IN {named}"
        f" AND character_maximum_length < {LONGEST_USER}"
    )
    assert postgresql.tell(narrow, str(url.database)) == []
    with Upstream() as dify, world_over(dify, Store.on(url)) as world:
        turn = world.asked("one", of=PLAIN)
        site, user, known = world.site, PLAIN.user, turn.conversation_id
        site.archive.marks.pin("app", user, known, True)
        site.preferences.want_titles(user, "automatic")
        share = site.archive.shares.make(PLAIN, world.app, known, "one", (turn,), 60.0)
        assert site.archive.shares.of(PLAIN, world.app)[0].token == share.token
        assert site.archive.marks.of("app", user)[known].pinned_at
        owned = site.store.by_conversation("app", user, known)
        assert owned and owned.user == user


@pytest.fixture
def site(postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(saver, "SAVE_EVERY", 0.05)
    monkeypatch.setattr(postgres, "CONNECT_WAIT", CONNECT_WAIT)
    monkeypatch.setattr(postgres, "ANSWER_WAIT", ANSWER_WAIT)
    monkeypatch.setattr(postgres._Connection, "wait_for", ANSWER_WAIT)
    with Upstream() as dify:
        app = AppSettings("app", dify.url, dify.key)
        built = assembly.built(Settings(tmp_path, (app,), postgres=postgresql.database()), tmp_path)
        built.start()
        yield built
        built.stop()
        built.apps[0].client.close()


@pytest.mark.parametrize("how", ["killed", "hanging"])
def test_a_server_that_is_away_for_a_while_loses_nothing(how: str, site: Site, postgresql: Server) -> None:
    place = site.directory.open(ADA, site.apps[0], f"~{site.directory.new_key()}")

    def ask(query: str) -> Turn:
        run = site.runs.start(ADA, site.apps[0].client, place, Draft(query), f"send-{query}-of-ada")
        assert run
        assert run.done.wait(LONG)
        assert run.turn.answer == f"Echo: {query} "
        return run.turn

    away: Callable[[], None] = {
        "killed": lambda: postgresql.stop(signal.SIGQUIT),
        "hanging": lambda: postgresql.hang(True),
    }[how]
    turns = [ask("before")]
    until(lambda: site.store.turn(turns[0].id) == turns[0], "the first one in the database")
    away()
    try:
        turns.append(ask("during"))
        until(lambda: site.store_trouble, "the trouble")
    finally:
        postgresql.start() if how == "killed" else postgresql.hang(False)
    turns.append(ask("after"))
    until(lambda: site.store_trouble is None, "the end of the trouble")

    def kept() -> list[Turn]:
        try:
            return site.store.turns(place.key)
        except StoreError:
            time.sleep(0.1)
            return []

    until(lambda: kept() == turns, "all of them in the database")
