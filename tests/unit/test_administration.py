"""Accounts, sessions and the audit trail in the hands of admins."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from services import audit_reading
from services.accounts import book
from services.accounts.administration import AccountsDesk, NoSuchAccount, Oneself, Taken
from services.accounts.attempts import TooMany
from services.accounts.book import Accounts, BadName, Wrong
from services.accounts.passwords import Passwords
from services.accounts.register import LastAdmin, Register
from services.accounts.sessions import COOKIE, SignedIn
from services.administration import Administration
from services.audit import Audit, table
from services.audit_reading import Trail, Wanted
from services.database import Database
from services.identities.accounts import LocalAccounts
from services.identities.open import Open
from services.identity import Denied, Departures, Identity, Role, Secret
from services.open_sessions import OpenSessions
from services.store import Store

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "correct horse battery"
HERE = "192.0.2.7"


class World:
    """Accounts in a database, an admin Ada among them, and a clock that a test sets."""

    def __init__(self, database: Database) -> None:
        self.now = 1_700_000_000.0
        self.database, self.departures = database, Departures()
        self.book = Accounts(database, Secret(b"s" * 32), self.departures, Passwords(CHEAP), lambda: self.now)
        self.who = LocalAccounts(self.book)
        self.desk = AccountsDesk(self.book)
        self.sessions = OpenSessions(self.book.audit, self.book.sessions, self.who.session_of)
        self.book.admit("ada", Role.ADMIN)
        self.ada = self.book.person("ada", Role.ADMIN)

    def member(self, name: str, role: Role = Role.AGENT) -> str:
        """An account with a password of its own; returns the token of a session."""
        given = self.desk.make(self.ada, name, role)
        token = self.book.sign_in(name, given, HERE, secure=False)
        first = self.book.sessions.of({COOKIE: token})
        assert isinstance(first, SignedIn)
        return self.book.change_password(first, given, GOOD, HERE, secure=False)

    def of(self, token: str) -> Identity | None:
        return self.who.of({COOKIE: token}, {}, None)

    def status(self, name: str) -> str:
        return next(account.status for account in self.desk.all(self.ada) if account.name == name)

    def trail(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """By whom, what, to whom, details; oldest first."""
        with self.database.begin() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.id)).all()
        return [(row.name, row.action, row.about, row.details) for row in rows]


@pytest.fixture
def world(store: Store) -> World:
    return World(store.database)


def test_an_account_from_its_one_time_password_to_its_end(world: World) -> None:
    given = world.desk.make(world.ada, " Ben ", Role.VIEWER)
    assert world.status("ben") == "must_change"
    first = world.book.sessions.of({COOKIE: world.book.sign_in("ben", given, HERE, secure=False)})
    assert first
    token = world.book.change_password(first, given, GOOD, HERE, secure=False)
    assert world.status("ben") == "active"
    rung: list[None] = []
    world.departures.watch(lambda: rung.append(None))

    world.desk.change_role(world.ada, "ben", Role.CURATOR)
    ben = world.of(token)
    assert ben and ben.role is Role.CURATOR, "the session goes on, in the new role, at once"
    assert rung
    world.desk.disable(world.ada, "ben")
    assert world.of(token) is None
    with pytest.raises(Wrong):
        world.book.sign_in("ben", GOOD, HERE, secure=False)
    world.desk.enable(world.ada, "ben")
    token = world.book.sign_in("ben", GOOD, HERE, secure=False)
    given = world.desk.new_password(world.ada, "ben")
    assert world.of(token) is None
    assert world.book.sign_in("ben", given, HERE, secure=False)
    world.now += book.ONE_TIME
    assert world.status("ben") == "expired"

    told = [(by, what, details) for by, what, about, details in world.trail() if about == "ben"]
    assert [row for row in told if row[1] != "sign_in.succeeded"] == [
        ("ada", "account.made", {"role": "viewer"}),
        ("ben", "account.password", {}),
        ("ada", "account.role", {"before": "viewer", "after": "curator"}),
        ("ada", "account.disabled", {}),
        ("", "sign_in.refused", {"address": HERE}),
        ("ada", "account.enabled", {}),
        ("ada", "account.one_time_password", {}),
    ]
    assert world.trail()[0] == ("", "account.admitted", "ada", {"role": "admin", "via": "command line"})


def test_who_guesses_too_often_is_told_of_and_let_in_again(world: World) -> None:
    world.member("ben")
    for _ in range(5):
        with pytest.raises(Wrong):
            world.book.sign_in("ben", "my other password", HERE, secure=False)
    with pytest.raises(TooMany):
        world.book.sign_in("ben", GOOD, HERE, secure=False)
    (locked,) = [each for each in world.desk.all(world.ada) if each.locked_until]
    assert (locked.name, locked.locked_until) == ("ben", world.now + 30)
    assert [what for _, what, _, _ in world.trail()][-2:] == ["sign_in.refused", "sign_in.locked_out"]
    world.desk.unlock(world.ada, "ben")
    assert world.book.sign_in("ben", GOOD, HERE, secure=False)


def test_what_is_typed_where_a_name_belongs_is_not_written_down(world: World) -> None:
    with pytest.raises(Wrong):
        world.book.sign_in("my-secret-password", "x", HERE, secure=False)
    assert world.trail()[-1] == ("", "sign_in.refused", "", {"address": HERE})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.CURATOR])
def test_nobody_below_an_admin_does_any_of_it(world: World, role: Role) -> None:
    eve = Identity("eve", role, "eve")
    trail = Trail(world.database, Audit(world.database))
    before = len(world.trail())
    for work in (
        lambda: world.desk.all(eve),
        lambda: world.desk.make(eve, "eva", Role.ADMIN),
        lambda: world.desk.change_role(eve, "ada", Role.VIEWER),
        lambda: world.desk.new_password(eve, "ada"),
        lambda: world.desk.disable(eve, "ada"),
        lambda: world.desk.enable(eve, "ada"),
        lambda: world.desk.unlock(eve, "ada"),
        lambda: world.sessions.all(eve),
        lambda: trail.entries(eve, Wanted()),
        lambda: trail.actions(eve),
        lambda: trail.apps(eve),
        lambda: trail.people(eve, Role.AGENT),
    ):
        with pytest.raises(Denied):
            work()
    assert len(world.trail()) == before
    with pytest.raises(Denied):
        trail.export(eve, Wanted())
    assert world.trail()[-1][:2] == ("eve", "audit.refused")


def test_nobody_takes_away_what_they_are_signed_in_by(world: World) -> None:
    for work in (
        lambda: world.desk.change_role(world.ada, "ADA", Role.AGENT),
        lambda: world.desk.disable(world.ada, "ada"),
        lambda: world.desk.new_password(world.ada, "ada"),
    ):
        with pytest.raises(Oneself):
            work()


def test_the_last_admin_stays_one(world: World) -> None:
    world.member("ben", Role.ADMIN)
    ben = world.book.person("ben", Role.ADMIN)
    world.desk.disable(ben, "ada")
    for work in (
        lambda: world.desk.disable(world.ada, "ben"),
        lambda: world.desk.change_role(world.ada, "ben", Role.CURATOR),
        lambda: world.book.disable("ben"),
        lambda: world.book.admit("ben", Role.AGENT),
    ):
        with pytest.raises(LastAdmin):
            work()
    # Whoever looked a moment ago is told so by the change itself.
    with pytest.raises(LastAdmin):
        Register(world.database).change("ben", disabled=True)
    assert world.status("ben") == "active"
    world.desk.enable(ben, "ada")
    world.desk.change_role(world.ada, "ben", Role.CURATOR)


def test_what_cannot_be_done_is_said(world: World) -> None:
    with pytest.raises(Taken):
        world.desk.make(world.ada, "ADA", Role.VIEWER)
    with pytest.raises(BadName):
        world.desk.make(world.ada, "a b", Role.VIEWER)
    with pytest.raises(NoSuchAccount):
        world.desk.change_role(world.ada, "eve", Role.AGENT)


def test_sessions_are_seen_and_ended(world: World) -> None:
    ben, again = world.member("ben"), world.book.sign_in("ben", GOOD, HERE, secure=False)
    cat = world.member("cat")
    known = world.sessions.all(world.ada)
    assert sorted(each.name for each in known) == ["ben", "ben", "cat"]
    mine = world.sessions.mine({COOKIE: ben})
    assert mine in {each.id for each in known}
    world.sessions.end(world.ada, next(each for each in known if each.id == mine))
    assert (world.of(ben), world.of(again) is None) == (None, False)
    world.sessions.end_all(world.ada, next(each for each in known if each.name == "ben"))
    assert world.of(again) is None
    assert world.of(cat)
    assert [(row[1], row[2], row[3]) for row in world.trail()[-2:]] == [
        ("session.ended", "ben", {}),
        ("session.ended", "ben", {"all": True}),
    ]
    assert not OpenSessions(world.book.audit).known
    world.now += 8 * 24 * 3600
    assert world.sessions.all(world.ada) == []
    ada = next(account for account in world.desk.all(world.ada) if account.name == "cat")
    assert ada.seen_at == world.now - 8 * 24 * 3600


# The trail


@pytest.fixture
def trail(store: Store) -> Iterator[tuple[Trail, Callable[..., None]]]:
    clock = iter(range(1000, 10_000_000))
    audit = Audit(store.database, lambda: float(next(clock)))
    yield Trail(store.database, audit), audit.record


ADA = Identity("web-ada", Role.ADMIN, "Ada")
BEN = Identity("web-ben", Role.AGENT, "Ben %_")


def about(trail: Trail, **wanted: Any) -> list[str]:
    return [entry.about for entry in trail.entries(ADA, Wanted(**wanted)).entries]


def test_the_trail_is_read_by_who_what_where_and_when(trail: tuple[Trail, Callable[..., None]]) -> None:
    known, record = trail
    record(BEN, "share.made", app="support", about="c-1", messages=2)
    record(ADA, "account.role", about="ben", before="agent", after="viewer")
    record(None, "sign_in.refused", about="ben")
    record(Identity("web-ben", Role.AGENT), "conversation.deleted", app="sales", about="C-1")
    assert about(known) == ["C-1", "ben", "ben", "c-1"]
    assert about(known, person="ben %") == ["C-1", "c-1"], "also where the row tells the user alone"
    assert about(known, person="web-ada") == ["ben"]
    assert about(known, person="%") == ["C-1", "c-1"]
    assert about(known, action="sign_in") == ["ben"]
    assert about(known, action="share.made") == ["c-1"]
    assert about(known, app="sales") == ["C-1"]
    assert about(known, about="c-") == ["C-1", "c-1"]
    assert about(known, since=1001, until=1003) == ["ben", "ben"]
    assert known.apps(ADA) == ["sales", "support"]
    assert "sign_in.refused" in known.actions(ADA)
    assert [(each.user, each.role) for each in known.people(ADA, Role.AGENT)] == [("web-ben", Role.AGENT)]


def test_older_pages_follow_whatever_is_added_meanwhile(trail: tuple[Trail, Callable[..., None]]) -> None:
    known, record = trail
    for number in range(7):
        record(ADA, "a.b", about=str(number))
    first = known.entries(ADA, Wanted(), most=3)
    record(ADA, "a.b", about="new")
    second = known.entries(ADA, Wanted(), first.before, most=3)
    third = known.entries(ADA, Wanted(), second.before, most=3)
    seen = [entry.about for page in (first, second, third) for entry in page.entries]
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert third.before is None


def test_the_file_holds_all_that_was_found_and_no_formula(
    trail: tuple[Trail, Callable[..., None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_reading, "IN_ONE_READING", 50)
    known, record = trail
    for number in range(123):
        record(Identity("web-eve", Role.AGENT, '=HYPERLINK("x")'), "share.made", about=f"=c-{number}")
    record(ADA, "account.role", about="ben", after="agent")
    raw = b"".join(known.export(ADA, Wanted(action="share")))
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 123
    assert rows[0]["about"] == "'=c-122"
    assert {row["name"] for row in rows} == {'\'=HYPERLINK("x")'}
    assert rows[0]["at"] == "1970-01-01T00:18:42+00:00"
    newest = known.entries(ADA, Wanted(), most=1).entries[0]
    assert (newest.action, newest.name, newest.details) == (
        "audit.exported",
        "Ada",
        {"filter": "action=share"},
    )


def test_open_mode_knows_no_sessions() -> None:
    store = Store.in_memory()
    found = Administration.over(Open(Secret(b"s" * 32)), store.database, Audit(store.database))
    assert found.accounts is None
    assert not found.sessions.known
