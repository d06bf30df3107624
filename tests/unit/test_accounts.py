"""Local accounts: passwords, one-time passwords, what slows guessing down, and sessions that end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from services.accounts import __main__ as command
from services.accounts import attempts, book, sessions, tables
from services.accounts.attempts import TooMany
from services.accounts.book import Accounts, BadName, Weak, Wrong
from services.accounts.passwords import Passwords, one_time, weakness
from services.accounts.sessions import COOKIE, SECURE_COOKIE, SignedIn
from services.database import Memory, StoreError
from services.identities.accounts import LocalAccounts
from services.identity import Departures, Role, Secret
from services.store import Store

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "correct horse battery"
HERE = "192.0.2.7"


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class World:
    """Accounts over a database in memory, with a clock that a test sets."""

    def __init__(self) -> None:
        self.clock, self.database, self.departures = Clock(), Memory(), Departures()
        self.secret = Secret(b"s" * 32)
        self.book = self.again()
        self.who = LocalAccounts(self.book)

    def again(self, hasher: PasswordHasher = CHEAP) -> Accounts:
        """The same accounts as another process has them."""
        return Accounts(self.database, self.secret, Departures(), Passwords(hasher), self.clock)

    def member(self, name: str = "ada", role: Role = Role.AGENT, password: str = GOOD) -> None:
        given = self.book.admit(name, role)
        first = self.signed_in(self.sign_in(name, given))
        self.book.change_password(first, given, password, HERE, secure=False)

    def sign_in(self, name: str = "ada", password: str = GOOD, address: str | None = HERE) -> str:
        return self.book.sign_in(name, password, address, secure=False)

    def signed_in(self, token: str) -> SignedIn:
        found = self.book.sessions.of({COOKIE: token})
        assert found is not None
        return found

    def role(self, token: str) -> Role | None:
        found = self.who.of({COOKIE: token}, {}, HERE)
        return found and found.role


@pytest.fixture
def world() -> World:
    return World()


# Coming in


def test_from_the_one_time_password_to_ones_own(world: World) -> None:
    given = world.book.admit(" Ada ", Role.ADMIN)
    first = world.sign_in("ADA", given)
    assert world.signed_in(first).must_change
    assert world.role(first) is None, "nothing is open before the password is changed"
    token = world.book.change_password(world.signed_in(first), given, GOOD, HERE, secure=False)
    assert world.book.sessions.of({COOKIE: first}) is None
    assert world.role(token) is Role.ADMIN
    with pytest.raises(Wrong):
        world.sign_in("ada", given)
    person = world.who.of({COOKIE: world.sign_in()}, {}, HERE)
    assert person is not None
    assert (person.name, person.user) == ("ada", world.secret.user("accounts", "ada"))


def test_a_one_time_password_is_good_for_three_days(world: World) -> None:
    given = world.book.admit("ada", Role.AGENT)
    world.clock.now += book.ONE_TIME - 1
    assert world.sign_in("ada", given)
    world.clock.now += 1
    with pytest.raises(Wrong):
        world.sign_in("ada", given)


@pytest.mark.parametrize("name", ["ada", "Ada", "ＡＤＡ", "  ada "])
def test_a_name_is_the_same_however_it_is_typed(world: World, name: str) -> None:
    world.member()
    assert world.role(world.sign_in(name)) is Role.AGENT


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a/b", "x" * 65, "web-1234", "ada-test", "Ada-TEST", "a\nb"]
)
def test_names_that_no_account_has(world: World, name: str) -> None:
    with pytest.raises(BadName):
        world.book.admit(name, Role.AGENT)


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "wrong horse battery"), ("eve", GOOD), ("", ""), ("ada", ""), ("a\0", "\ud800" * 12)],
)
def test_nobody_else_comes_in(world: World, name: str, password: str) -> None:
    world.member()
    with pytest.raises(Wrong):
        world.sign_in(name, password)


def test_the_plain_name_goes_to_dify_where_that_is_wanted(world: World) -> None:
    world.member()
    book = Accounts(
        world.database, world.secret, Departures(), Passwords(CHEAP), world.clock, plain_user=True
    )
    person = LocalAccounts(book).of({COOKIE: world.sign_in()}, {}, HERE)
    assert person is not None
    assert person.user == "ada"


class Counting:
    """Hashes, and counts how often it was asked to check."""

    def __init__(self) -> None:
        self.checks: list[str] = []

    def hash(self, password: str) -> str:
        return CHEAP.hash(password)

    def verify(self, kept: str, password: str) -> bool:
        self.checks.append(kept.rpartition("$")[0].rpartition("$")[0])
        return CHEAP.verify(kept, password)


def test_an_unknown_and_a_disabled_account_cost_one_check_like_any_other(world: World) -> None:
    world.member("ada")
    world.member("ben")
    world.book.disable("ben")
    hasher: Any = Counting()
    accounts = world.again(hasher)
    for name in ("ada", "ben", "nobody"):
        hasher.checks.clear()
        with pytest.raises(Wrong):
            accounts.sign_in(name, "some other password", HERE, secure=False)
        assert len(hasher.checks) == 1, name
    assert len(set(hasher.checks)) == 1, "with the same parameters"


# Passwords


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "short"),
        ("elevenchars", "short"),
        ("é" * 11, "short"),
        ("x" * 257, "long"),
        ("abababababab", "monotonous"),
        ("adalovelace1815", "name"),
        ("AdaLovelace!!!!", "name"),
        ("twelve chars", None),
        (GOOD, None),
        ("密码是一个很长的句子才好啊", None),
    ],
)
def test_what_a_password_must_be(password: str, why: str | None) -> None:
    assert weakness(password, "adalovelace") == why


@given(st.text(max_size=300), st.text(min_size=1, max_size=20))
def test_no_text_is_a_password_that_cannot_be_looked_at(password: str, name: str) -> None:
    assert weakness(password, name) in {None, "short", "long", "name", "monotonous"}


def test_a_password_is_the_same_however_it_is_composed() -> None:
    passwords = Passwords(CHEAP)
    assert passwords.matches(passwords.hashed("café au lait"), "cafe\u0301 au lait")
    assert not passwords.matches(passwords.hashed("café au lait"), "cafe au lait")


def test_it_is_kept_by_argon2id_alone(world: World) -> None:
    assert Passwords().hashed(GOOD).startswith("$argon2id$")
    world.member()
    with world.database.begin() as connection:
        kept = connection.execute(sa.select(tables.accounts.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept


def test_one_time_passwords_differ_and_could_be_chosen() -> None:
    given = {one_time() for _ in range(50)}
    assert len(given) == 50
    assert {weakness(each, "ada") for each in given} == {None}


@pytest.mark.parametrize(("new", "why"), [(GOOD, "same"), ("short", "short"), ("ada-ada-ada-1", "name")])
def test_a_weak_new_password_changes_nothing(world: World, new: str, why: str) -> None:
    world.member()
    token = world.sign_in()
    with pytest.raises(Weak) as refused:
        world.book.change_password(world.signed_in(token), GOOD, new, HERE, secure=False)
    assert refused.value.code == why
    assert world.role(token) is Role.AGENT


def test_a_new_password_wants_the_current_one_and_ends_every_session(world: World) -> None:
    world.member()
    one, other = world.sign_in(), world.sign_in()
    with pytest.raises(Wrong):
        world.book.change_password(
            world.signed_in(one), "not the current", "another good one", HERE, secure=False
        )
    fresh = world.book.change_password(world.signed_in(one), GOOD, "another good one", HERE, secure=False)
    assert [world.role(each) for each in (one, other, fresh)] == [None, None, Role.AGENT]


# What slows guessing down


def fail(world: World, times: int, name: str = "ada", address: str | None = HERE) -> None:
    for _ in range(times):
        with pytest.raises(Wrong):
            world.sign_in(name, "a wrong password", address)


def locked(world: World, name: str = "ada", address: str | None = HERE) -> float:
    with pytest.raises(TooMany) as refused:
        world.sign_in(name, GOOD, address)
    return refused.value.seconds


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_after_five_failures_each_next_one_waits_twice_as_long(world: World, name: str) -> None:
    """For a name that nobody has as well, or the waiting would tell."""
    world.member()
    fail(world, attempts.FREE_OF_NAME, name)
    for wait in (30, 60, 120, 240, 480, 900, 900):
        assert locked(world, name) == wait
        world.clock.now += wait - 1
        assert locked(world, name) == 1
        world.clock.now += 1
        fail(world, 1, name, f"198.51.100.{wait % 250}")


def test_who_comes_in_is_not_counted_any_more(world: World) -> None:
    world.member()
    fail(world, attempts.FREE_OF_NAME - 1)
    world.sign_in()
    fail(world, attempts.FREE_OF_NAME)
    locked(world)


def test_failures_are_forgotten_after_a_day(world: World) -> None:
    world.member()
    fail(world, attempts.FREE_OF_NAME)
    locked(world)
    world.clock.now += attempts.FORGOTTEN + 1
    assert world.sign_in()


def test_an_address_waits_whatever_name_it_tries(world: World) -> None:
    world.member()
    for number in range(attempts.FREE_OF_ADDRESS):
        fail(world, 1, f"name-{number}", f"2001:db8:1:2::{number:x}")
    assert locked(world, "ada", "2001:db8:1:2:ffff::1") == attempts.FIRST
    assert world.sign_in("ada", GOOD, "2001:db8:1:3::1"), "another network is not held up"


def test_many_at_once_gain_nothing(world: World) -> None:
    world.member()
    said: list[type[Exception]] = []

    def guess() -> None:
        try:
            world.sign_in("ada", "a wrong password")
        except (Wrong, TooMany) as error:
            said.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count(Wrong) == attempts.FREE_OF_NAME
    assert said.count(TooMany) == 20 - attempts.FREE_OF_NAME


def test_a_changed_password_is_guessed_no_faster_from_inside(world: World) -> None:
    world.member()
    here = world.signed_in(world.sign_in())
    for _ in range(attempts.FREE_OF_NAME):
        with pytest.raises(Wrong):
            world.book.change_password(here, "a guess at it", "another good one", HERE, secure=False)
    with pytest.raises(TooMany):
        world.book.change_password(here, GOOD, "another good one", HERE, secure=False)


def test_a_new_one_time_password_ends_the_waiting(world: World) -> None:
    world.member()
    fail(world, attempts.FREE_OF_NAME)
    given = world.book.admit("ada", Role.AGENT)
    assert world.sign_in("ada", given)


def test_what_was_typed_as_a_name_is_not_kept(world: World) -> None:
    fail(world, 1, "my secret password")
    with world.database.begin() as connection:
        kept = connection.execute(sa.select(tables.attempts)).all()
    assert len(kept) == 2
    assert "secret" not in repr(kept)


# Sessions


def test_the_database_knows_no_token(world: World) -> None:
    world.member()
    token = world.sign_in()
    assert len(token) >= 43, "256 bits"
    with world.database.begin() as connection:
        kept = connection.execute(sa.select(tables.sessions.c.digest)).scalars().all()
    assert len(kept[0]) == 64
    assert all(token not in each for each in kept)
    assert world.book.sessions.of({COOKIE: kept[0]}) is None


@pytest.mark.parametrize("token", ["", "x", "\udc80", "ü" * 50, "a" * 100_000])
def test_a_token_that_was_never_given_is_nobody(world: World, token: str) -> None:
    world.member()
    assert world.role(token) is None


def test_a_token_counts_in_its_own_cookie_alone(world: World) -> None:
    """A plain cookie can be set by whoever has another port or a neighbouring name of this host."""
    world.member()
    plain = world.sign_in()
    secure = world.book.sign_in("ada", GOOD, HERE, secure=True)
    of = world.book.sessions.of
    assert of({SECURE_COOKIE: secure}) and of({COOKIE: plain})
    assert of({COOKIE: secure}) is None
    assert of({SECURE_COOKIE: plain}) is None


def test_a_session_ends_without_its_person_and_in_any_case_after_a_week(world: World) -> None:
    world.member()
    idle = world.sign_in()
    world.clock.now += sessions.IDLE - 1
    assert world.role(idle) is Role.AGENT
    world.clock.now += sessions.IDLE - 1
    assert world.role(idle) is Role.AGENT, "it was used meanwhile"
    world.clock.now += sessions.IDLE
    assert world.role(idle) is None
    busy = world.sign_in()
    ends = world.clock.now + sessions.LONGEST
    while world.clock.now + sessions.IDLE / 2 < ends:
        world.clock.now += sessions.IDLE / 2
        assert world.role(busy) is Role.AGENT
    world.clock.now = ends
    assert world.role(busy) is None


def everyone_out(world: World, token: str) -> None:
    world.book.sessions.end_all("ada")


@pytest.mark.parametrize(
    "end",
    [
        lambda world, token: world.book.sessions.end(world.signed_in(token).digest),
        everyone_out,
        lambda world, _: world.book.disable("ada"),
        lambda world, _: world.book.admit("ada", Role.VIEWER),
    ],
    ids=["signed out", "everywhere", "disabled", "another role"],
)
def test_a_session_that_is_ended_is_over_at_once_and_streams_hear_of_it(
    end: Callable[[World, str], object],
) -> None:
    world = World()
    world.book = Accounts(world.database, world.secret, world.departures, Passwords(CHEAP), world.clock)
    world.who = LocalAccounts(world.book)
    world.member("ada")
    world.member("ben")
    token, other = world.sign_in(), world.sign_in("ben")
    assert world.role(token) is Role.AGENT
    heard: list[Role | None] = []
    world.departures.watch(lambda: heard.append(world.role(token)))
    end(world, token)
    assert world.role(token) is None
    assert heard[-1] is None
    assert world.role(other) is Role.AGENT


def test_what_another_process_ends_is_over_within_a_second(world: World) -> None:
    world.member()
    token = world.sign_in()
    assert world.role(token) is Role.AGENT
    world.again().disable("ada")
    world.clock.now += sessions.FRESH
    assert world.role(token) is None
    with pytest.raises(Wrong):
        world.sign_in()


def test_who_is_in_stays_while_the_database_cannot_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.member()
    known, unknown = world.sign_in(), world.sign_in()
    assert world.role(known) is Role.AGENT

    def broken() -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(world.database, "begin", broken)
    world.clock.now += 60
    assert world.role(known) is Role.AGENT
    assert world.role(unknown) is None
    with pytest.raises(StoreError):
        world.book.sessions.end_all("ada")
    world.clock.now += sessions.IDLE
    assert world.role(known) is None


def test_sessions_that_are_over_are_deleted(world: World) -> None:
    world.member()
    for _ in range(3):
        world.sign_in()
    world.clock.now += sessions.IDLE + 1
    world.sign_in()
    with world.database.begin() as connection:
        assert len(connection.execute(sa.select(tables.sessions)).all()) == 1


# The command


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return command.main(list(arguments))


def test_the_first_admin_by_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(tmp_path, monkeypatch, "admin", "ada")
    given = said.splitlines()[0].rpartition(" ")[2]
    store = Store.behind(tmp_path / "console.sqlite3")
    accounts = Accounts(store.database, Secret.kept_in(tmp_path), Departures())
    assert not accounts.empty
    token = accounts.sign_in("ada", given, None, secure=False)
    found = accounts.sessions.of({COOKIE: token})
    assert found is not None
    assert (found.role, found.must_change) == (Role.ADMIN, True)
    with pytest.raises(SystemExit, match="last administrator"):
        run(tmp_path, monkeypatch, "disable", "ADA")
    with pytest.raises(SystemExit, match="last administrator"):
        run(tmp_path, monkeypatch, "agent", "ada")
    run(tmp_path, monkeypatch, "admin", "grace")
    assert "signed out everywhere" in run(tmp_path, monkeypatch, "disable", "ADA")
    accounts.sessions.forget()
    assert accounts.sessions.of({COOKIE: token}) is None
    store.close()


@pytest.mark.parametrize(
    ("arguments", "said"), [(("admin", "a b"), "A name has"), (("disable", "eve"), "no account")]
)
def test_what_the_command_cannot_do_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit, match=said):
        run(tmp_path, monkeypatch, *arguments)


def test_the_role_behind_an_end_user_is_that_of_the_account_now(world: World) -> None:
    world.member(role=Role.CURATOR)
    user = world.secret.user("accounts", "ada")
    assert world.who.role(user) is Role.CURATOR
    world.book.admit("ada", Role.AGENT)
    assert world.who.role(user) is Role.AGENT
    world.book.disable("ada")
    assert world.who.role(user) is Role.VIEWER
    assert world.who.role("web-nobody") is Role.VIEWER
