"""Who is asking: only a cookie that this site has signed makes a person."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identities.open import COOKIE, Open
from services.identity import LONGEST_USER, Denied, Identity, Role, Secret
from services.store import Store

SITE = Open(Secret(b"s" * 32))


def who(value: str, site: Open = SITE) -> Identity | None:
    return site.of({COOKIE: value}, {}, "127.0.0.1")


def test_the_same_cookie_is_the_same_person_and_another_is_another() -> None:
    one, other = SITE.new_cookie(), SITE.new_cookie()
    found = who(one)
    assert found is not None
    assert found == who(one)
    assert found != who(other)
    assert found.role is Role.ADMIN


def test_the_user_is_not_the_cookie() -> None:
    """Whoever reads the end user at Dify must not be able to be that person here."""
    cookie = SITE.new_cookie()
    found = who(cookie)
    assert found is not None
    name, _, signature = cookie.partition(".")
    assert name not in found.user
    assert signature not in found.user
    assert found.user.startswith("web-")
    assert len(found.user) <= 64


def test_no_cookie_is_nobody() -> None:
    assert SITE.of({}, {"x-forwarded-user": "ada"}, "127.0.0.1") is None


@pytest.mark.parametrize(
    "value",
    ["", ".", "ada", "ada.", ".signature", "ada.0000", "ada.signature.more", "\0.\0", "ü.ü", "a" * 100_000],
)
def test_a_forged_cookie_is_nobody(value: str) -> None:
    assert who(value) is None


@given(st.integers(0, 200), st.characters(codec="latin-1"))
def test_a_tampered_cookie_is_nobody(at: int, sign: str) -> None:
    cookie = SITE.new_cookie()
    at %= len(cookie)
    tampered = cookie[:at] + sign + cookie[at + 1 :]
    assert (who(tampered) is None) is (tampered != cookie)


def test_a_signature_is_good_for_one_name() -> None:
    one, other = SITE.new_cookie().split("."), SITE.new_cookie().split(".")
    assert who(f"{one[0]}.{other[1]}") is None


def test_a_signature_is_not_the_user() -> None:
    """Knowing the end user must not help to sign."""
    name = SITE.new_cookie().split(".")[0]
    found = who(f"{name}.{SITE._signature(name)}")
    assert found is not None
    assert who(f"{name}.{found.user.removeprefix('web-')}") is None


def test_the_cookie_of_another_site_is_nobody() -> None:
    assert who(Open(Secret(b"t" * 32)).new_cookie()) is None


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    first = Open(Secret.kept_in(folder))
    path = folder / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(path.read_bytes()) == 32
    cookie = first.new_cookie()
    assert who(cookie, Open(Secret.kept_in(folder))) == who(cookie, first)
    assert [p.name for p in folder.iterdir()] == ["secret"]


def test_the_folder_of_the_database_is_its_owners(tmp_path: Path) -> None:
    kept = Store.at(tmp_path / "data" / "console.sqlite3")
    kept.database.open()
    kept.close()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_cut_secret_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    Secret.kept_in(tmp_path)
    assert len((tmp_path / "secret").read_bytes()) == 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@given(st.text(), st.booleans())
def test_a_user_is_the_same_each_time_and_never_too_long(subject: str, plain: bool) -> None:
    secret = Secret(b"s" * 32)
    user = secret.user("oidc", subject, plain=plain)
    assert user == secret.user("oidc", subject, plain=plain)
    assert 0 < len(user) <= LONGEST_USER
    assert (user == subject) is (plain and 0 < len(subject) <= LONGEST_USER)
    assert user == secret.user("proxy", subject, plain=plain) or user.startswith("web-")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_a_role_reaches_as_far_as_those_below(role: Role, needed: Role) -> None:
    order = [Role.VIEWER, Role.AGENT, Role.CURATOR, Role.ADMIN]
    person = Identity("u", role)
    if order.index(role) >= order.index(needed):
        person.require(needed)
    else:
        with pytest.raises(Denied, match=needed.name.lower()):
            person.require(needed)
