"""Signing in by OIDC: only a cookie that this site has seen set, of a provider that it knows, is somebody.

The cookies here are made by Streamlit's own functions; that of a real sign-in is in
tests/browser/test_sign_in.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from routes.sign_in import reader
from services import assembly
from services.apps import App
from services.audit import table as audit
from services.database import Database, Memory
from services.dify.client import Client
from services.identities.groups import Groups
from services.identities.oidc import Oidc, Streamlits
from services.identities.oidc_settings import OidcSettings
from services.identities.registration import Registration
from services.identity import Departures, Identity, Refusal, Role, Secret
from services.privacy.subject import Subject
from services.settings_error import SettingsError
from services.sign_ins import SignIns
from services.sqlite import File
from services.store import Store
from tests.upstream import Upstream

KEY = "c" * 64
HERE = "192.0.2.7"
PART = {
    "client_id": "console",
    "client_secret": "x",
    "server_metadata_url": "https://login.example/realms/a/.well-known/openid-configuration",
}
SECTION: dict[str, Any] = {
    "redirect_uri": "https://chat.example/oauth2callback",
    "cookie_secret": KEY,
    "keycloak": PART,
    "google": PART | {"server_metadata_url": "https://accounts.google.com/.well-known/openid-configuration"},
}
GUIDS = [sha256(bytes([number])).hexdigest() for number in range(200)]
CLAIMS: dict[str, Any] = {
    "iss": "https://login.example/realms/a",
    "sub": "0815",
    "aud": "console",
    "email": "ada@example.com",
    "groups": ["staff", "support"],
    "origin": "https://chat.example",
    "is_logged_in": True,
    "provider": "keycloak",
}
Cookies = dict[str, str]


def cookies(claims: Mapping[str, Any], key: str = KEY) -> Cookies:
    """As Streamlit sets them, in pieces where they are long."""
    jar: Cookies = {}

    def sign(name: str, value: str) -> bytes:
        return create_signed_value(key, name, value)

    def keep(name: str, value: str) -> None:
        jar[name] = sign(name, value).decode()

    set_cookie_with_chunks(keep, sign, "_streamlit_user", dict(claims), cookie_attr_size=60)
    return jar


class World:
    def __init__(
        self, *, plain: bool = False, database: Database | None = None, new: Role | None = Role.VIEWER
    ) -> None:
        self.now = 1_000_000.0
        self.sign_ins = SignIns(database or Memory(), Departures(), lambda: self.now)
        self.site = Oidc(
            Secret(b"s" * 32),
            OidcSettings(hours=2.0),
            Groups.read("support=agent, it=admin", new),
            Streamlits(Registration.read(SECTION), reader(KEY)),
            self.sign_ins,
            plain=plain,
        )

    def who(self, jar: Cookies) -> Identity | None:
        return self.site.of(jar, {}, None)

    def signed_in(self, **claims: Any) -> Cookies:
        jar = cookies(CLAIMS | claims)
        self.site.signed_in(jar, HERE)
        return jar


def test_issuer_and_subject_are_the_person_and_the_rest_is_not() -> None:
    world = World()
    ada = world.who(world.signed_in())
    assert ada is not None
    assert (ada.name, ada.role) == ("ada@example.com", Role.AGENT)
    same = world.who(world.signed_in(email="other@example.com", groups="it", name="Ada L."))
    assert same == Identity(ada.user, Role.ADMIN, "Ada L.")
    other = world.who(world.signed_in(sub="0816"))
    assert other is not None
    assert other.user != ada.user
    elsewhere = world.who(world.signed_in(iss="https://login.example/realms/b"))
    assert elsewhere is not None
    assert elsewhere.user != ada.user


def test_the_plain_user() -> None:
    world = World(plain=True)
    ada = world.who(world.signed_in())
    assert ada is not None
    assert ada.user == "https://login.example/realms/a#0815"
    long = world.who(world.signed_in(sub="x" * 250))
    assert long is not None
    assert long.user.startswith("web-")


FOREIGN: dict[str, dict[str, Any]] = {
    "another site's, with the same secret": {"origin": "https://other.example"},
    "a provider that is not in secrets.toml": {"provider": "github"},
    "no provider": {"provider": None},
    "an issuer elsewhere": {"iss": "https://evil.example/realms/a"},
    "an issuer that only begins so": {"iss": "https://login.example.evil.example"},
    "an issuer that is another host's user": {"iss": "https://login.example@evil.example/"},
    "no issuer": {"iss": None},
    "a token for another client": {"aud": "other"},
    "a token for others": {"aud": ["other", "more"]},
    "no audience": {"aud": None},
    "no subject": {"sub": ""},
    "a subject that is no text": {"sub": 815},
    "a subject that is too long": {"sub": "x" * 256},
    "a subject with a control character": {"sub": "a\x00"},
    "a subject that is half a letter": {"sub": "\ud800"},
    "not logged in": {"is_logged_in": "yes"},
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_cookie_is_nobody(what: str) -> None:
    world = World()
    jar = world.signed_in(**FOREIGN[what])
    assert world.who(jar) is None
    # Not even where it was known before the configuration changed.
    world.sign_ins.holds = lambda _: True  # type: ignore[method-assign]
    assert world.who(jar) is None
    assert world.who(cookies(CLAIMS)) is not None


@pytest.mark.parametrize(
    "jar",
    [
        {},
        {"_streamlit_user": ""},
        {"_streamlit_user": json.dumps(CLAIMS)},
        {"_streamlit_user": "ü\u4e00"},
        cookies(CLAIMS, "d" * 64),
        {"_streamlit_user_tokens": cookies(CLAIMS)["_streamlit_user"]},
        {"_streamlit_user": create_signed_value(KEY, "_streamlit_user_1", json.dumps(CLAIMS)).decode()},
        {"_streamlit_user": create_signed_value(KEY, "_streamlit_user", "[1]").decode()},
        {"_streamlit_user": create_signed_value(KEY, "_streamlit_user", "chunks-2").decode()},
    ],
)
def test_what_streamlit_has_not_signed_as_that_is_nobody(jar: Cookies) -> None:
    world = World()
    world.site.signed_in(jar)
    world.sign_ins.holds = lambda _: True  # type: ignore[method-assign]
    assert world.who(jar) is None


def test_a_signed_cookie_that_was_never_seen_set_is_nobody() -> None:
    assert World().who(cookies(CLAIMS)) is None


def test_a_long_cookie_comes_in_pieces() -> None:
    world = World()
    jar = world.signed_in(groups=[*GUIDS, "it"])
    assert len(jar) > 3
    ada = world.who(jar)
    assert ada is not None
    assert ada.role is Role.ADMIN
    assert world.who({name: value for name, value in jar.items() if not name.endswith("_2")}) is None
    world.site.signed_out(jar)
    assert world.who(jar) is None


def test_pieces_of_two_sign_ins_are_nobody() -> None:
    """Each is signed, and together they are claims that no provider ever made."""
    world = World()
    one = world.signed_in(email="ada@example.com", groups=[*GUIDS[:100], "staff"])
    two = world.signed_in(email="eve@example.com", groups=[*GUIDS[:100], "it"])
    mixed = one | {"_streamlit_user_3": two["_streamlit_user_3"]}
    claims = json.loads(reader(KEY)(mixed) or b"")
    assert (claims["email"], claims["groups"][-1]) == ("ada@example.com", "it")
    assert world.who(mixed) is None


def test_a_sign_in_ends_when_its_time_is_over() -> None:
    world = World()
    jar = world.signed_in()
    world.now += 2 * 3600 - 1
    assert world.who(jar) is not None
    world.now += 1
    assert world.who(jar) is None


def test_streamlits_own_age_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    jar = world.signed_in()
    world.sign_ins.holds = lambda _: True  # type: ignore[method-assign]
    assert world.who(jar) is not None
    later = time.time() + 31 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert world.who(jar) is None


def test_a_sign_out_ends_this_sign_in_and_no_other() -> None:
    world = World()
    here, there = world.signed_in(nonce="1"), world.signed_in(nonce="2")
    world.site.signed_out(here)
    assert world.who(here) is None
    assert world.who(there) is not None
    world.site.signed_out({})
    assert world.who(there) is not None


def test_a_restart_signs_nobody_out_and_nobody_in(tmp_path: Path) -> None:
    first = World(database=File(tmp_path / "console.sqlite3"))
    here, gone = first.signed_in(nonce="1"), first.signed_in(nonce="2")
    first.site.signed_out(gone)
    second = World(database=File(tmp_path / "console.sqlite3"))
    assert second.who(here) == first.who(here)
    assert second.who(here) is not None
    assert second.who(gone) is None


def test_without_a_database_sign_ins_are_known_until_the_next_start(tmp_path: Path) -> None:
    broken = tmp_path / "console.sqlite3"
    broken.write_bytes(b"no database at all" * 100)
    world = World(database=File(broken))
    here, gone = world.signed_in(nonce="1"), world.signed_in(nonce="2")
    world.site.signed_out(gone)
    assert world.who(here) is not None
    assert world.who(gone) is None


@pytest.mark.parametrize(
    ("provider", "issuer"),
    [
        ("google", "accounts.google.com"),
        ("google", "https://accounts.google.com"),
        ("keycloak", CLAIMS["iss"]),
    ],
)
def test_issuers_with_and_without_a_scheme(provider: str, issuer: str) -> None:
    world = World()
    assert world.who(world.signed_in(provider=provider, iss=issuer)) is not None


def test_an_issuer_that_is_named_counts_alone() -> None:
    section = SECTION | {"keycloak": PART | {"issuer": "https://public.example"}}
    known = Registration.read(section).providers["keycloak"]
    assert known.issued("https://public.example")
    assert not known.issued("https://login.example/realms/a")


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({}, r"needs a section \[auth\]"),
        (SECTION | {"redirect_uri": "https://chat.example/"}, "redirect_uri"),
        (SECTION | {"redirect_uri": "chat.example/oauth2callback"}, "redirect_uri"),
        (SECTION | {"cookie_secret": "short"}, "cookie_secret"),
        ({"redirect_uri": SECTION["redirect_uri"], "cookie_secret": KEY}, "names no provider"),
        (SECTION | {"my_own": PART}, "no underscore"),
        (SECTION | {"okta": {"client_id": "x"}}, r"\[auth.okta\] of secrets.toml lacks client_secret"),
        (SECTION | {"client_id": "x"}, r"\[auth\] of secrets.toml lacks client_secret"),
        (SECTION | {"okta": PART | {"server_metadata_url": "http://["}}, "is no web address"),
    ],
)
def test_what_cannot_work_in_secrets_is_said(section: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Registration.read(section)


def test_one_provider_may_stand_in_auth_itself() -> None:
    section = {"redirect_uri": SECTION["redirect_uri"], "cookie_secret": KEY, **PART}
    assert list(Registration.read(section).providers) == ["default"]


def test_a_cookie_is_shortened_to_what_counts() -> None:
    world = World()
    jar = cookies(CLAIMS | {"groups": [*GUIDS, "it"], "name": "Ada" * 1000, "picture": "x" * 5000})
    short = world.site.shortened(jar)
    assert short is not None
    assert short.pop("name") == ("Ada" * 1000)[:255]
    assert short == CLAIMS | {"groups": ["it"]}
    assert world.site.shortened({}) is None
    assert world.site.shortened(cookies({"x": 1})) is None


def test_who_is_in_no_group_is_kept_out_where_that_is_wanted_and_learns_why() -> None:
    world = World(new=None)
    eve = world.signed_in(groups=["staff"], name="Eve")
    assert world.who(eve) is None
    assert world.site.refusal(eve, {}) == Refusal("no_group", "Eve")
    assert world.site.refusal({}, {}) is None
    assert world.site.refusal(cookies(CLAIMS | {"aud": "other"}), {}) == Refusal("unaccepted")
    ada = world.signed_in()
    assert world.who(ada)
    assert world.site.refusal(ada, {}) is None
    world.site.signed_out(ada)
    assert world.site.refusal(ada, {}) is None, "who has signed out is not refused"


def test_sign_ins_are_seen_by_person_and_ended() -> None:
    database = Memory()
    world = World(database=database)
    one = world.signed_in(name="Ada")
    world.now += 60
    two, other = world.signed_in(name="Ada", email="new@example.com"), world.signed_in(sub="0816", name="Ben")
    known = world.sign_ins.open()
    assert [(each.name, each.since) for each in known][-1] == ("Ada", world.now - 60)
    assert {each.name for each in known} == {"Ada", "Ben"}
    assert world.site.session_of(one) == known[-1].id
    world.sign_ins.end_all(known[-1].person)
    assert [world.who(jar) is None for jar in (one, two, other)] == [True, True, False]
    with database.begin() as connection:
        told = connection.execute(
            sa.select(audit.c.name, audit.c.action, audit.c.details).order_by(audit.c.id)
        ).all()
    expected = [(name, "sign_in.succeeded", {"address": HERE}) for name in ("Ada", "Ada", "Ben")]
    assert [tuple(row) for row in told] == expected


def test_sign_ins_that_are_over_do_not_stay_in_memory() -> None:
    world = World()
    gone, early = world.signed_in(nonce="gone"), world.signed_in(nonce="early")
    assert world.who(early) is not None
    world.site.signed_out(gone)
    world.now += 1.5 * 3600
    late = world.signed_in(nonce="late")
    world.now += 3600
    last = world.signed_in(nonce="last")
    assert [world.who(jar) is None for jar in (gone, early, late, last)] == [True, True, False, False]
    assert (len(world.sign_ins._until), len(world.sign_ins._whose)) == (2, 2)


def test_who_is_erased_is_signed_out_at_once_and_after_a_restart() -> None:
    database = Memory()
    world = World(database=database)
    eve, other = world.signed_in(sub="0817"), world.signed_in(sub="0818")
    who = world.who(eve)
    assert who
    with Upstream() as dify, Client(dify.url, dify.key) as client:
        site = assembly.over(App("app", client), world.site, Store(database))
        site.erasure.erase(Identity("dan", Role.ADMIN), Subject(who.user))
        assert world.who(eve) is None
        assert world.who(other)
        assert World(database=database).who(eve) is None
        site.stop()
