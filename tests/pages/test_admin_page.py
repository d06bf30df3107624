"""The administration page by role and way to sign in, and pages that refuse before they ask anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

from components import visitor
from components import words_admin as said
from services import assembly
from services import site as sites
from services.accounts.book import Accounts
from services.accounts.passwords import Passwords
from services.accounts.sessions import COOKIE
from services.apps import App
from services.audit_reading import Wanted
from services.auth_settings import AuthSettings
from services.dify.client import Client
from services.identities.accounts import LocalAccounts
from services.identities.chosen import chosen
from services.identities.open import Open
from services.identity import Departures, Identities, Identity, Role, Secret
from services.store import Store
from tests.pages.test_pages import FRAME
from tests.pages.test_pages import said as words_of
from tests.upstream import Upstream

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SECRET = Secret(b"s" * 32)
PAGES = sorted(path.stem for path in FRAME.parent.glob("*.py") if path.stem not in {"__init__", "frame"})
NEEDS = {"admin": Role.ADMIN, "annotations": Role.CURATOR}


class World:
    """A site whose pages somebody looks at."""

    def __init__(self, dify: Upstream, identities: Identities, auth: AuthSettings | None = None) -> None:
        self.dify, self.store = dify, Store.in_memory()
        self.app = App("app", Client(dify.url, dify.key))
        self.site = assembly.over(self.app, identities, self.store, auth=auth)
        sites.use(self.site)

    def page(self, section: str | None = None, name: str = "admin") -> AppTest:
        test = AppTest.from_file(FRAME, default_timeout=60).switch_page(f"{name}.py").run()
        if section:
            (chosen,) = [each for each in test.get("button_group") if each.key == "ad-section"]
            chosen.set_value(section).run()
        assert not test.exception
        return test


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream
        sites.refuse("over")


@pytest.fixture
def me(monkeypatch: pytest.MonkeyPatch) -> Callable[[Identity], None]:
    return lambda who: monkeypatch.setattr(visitor, "identity", lambda _: who)


class Local(World):
    """With accounts, and Ada the admin signed in."""

    def __init__(self, dify: Upstream, me: Callable[[Identity], None]) -> None:
        database = Store.in_memory()
        self.book = Accounts(database.database, SECRET, Departures(), CHEAP)
        super().__init__(dify, LocalAccounts(self.book))
        given = self.book.admit("ada", Role.ADMIN)
        self.token = self.book.sign_in("ada", given, None, secure=False)
        self.ada = self.book.person("ada", Role.ADMIN)
        me(self.ada)

    @property
    def accounts(self) -> dict[str, tuple[Role, str]]:
        desk = self.site.administration.accounts
        assert desk
        return {each.name: (each.role, each.status) for each in desk.all(self.ada)}


@pytest.fixture
def local(dify: Upstream, me: Callable[[Identity], None], monkeypatch: pytest.MonkeyPatch) -> Local:
    world = Local(dify, me)
    monkeypatch.setattr(visitor, "cookies", lambda: {COOKIE: world.token})
    return world


def press(test: AppTest, key: str) -> AppTest:
    test.button(key=key).click().run()
    assert not test.exception
    return test


def test_an_account_is_made_and_its_password_is_shown_until_it_is_passed_on(local: Local) -> None:
    test = press(local.page(), "ad-new")
    test.text_input(key="ad-name").input("Ben").run()
    press(test, "ad-make")
    assert local.accounts["ben"] == (Role.AGENT, "must_change")
    (password,) = [code.value for code in test.code]
    assert local.book.sign_in("ben", password, None, secure=False)
    press(test, "ad-new").text_input(key="ad-name").input("Cy").run()
    press(test, "ad-make")
    # The first one is shown only now: the second one must not take its place.
    assert test.code[0].value == password
    assert password not in words_of(press(test, "ad-seen-ben"))
    assert len(test.code) == 1
    press(test, "ad-seen-cy")
    assert not test.code
    press(test, "ad-new").text_input(key="ad-name").input("ben").run()
    press(test, "ad-make")
    assert [error.value for error in test.error] == [said.PROBLEMS["Taken"]]
    test.text_input(key="ad-name").input("b n").run()
    press(test, "ad-make")
    assert [error.value for error in test.error] == [said.PROBLEMS["BadName"]]


def test_an_account_is_changed(local: Local) -> None:
    desk = local.site.administration.accounts
    assert desk
    desk.make(local.ada, "ben", Role.AGENT)
    test = local.page()
    test.selectbox(key="ad-role-ben").set_value(Role.CURATOR).run()
    assert not test.exception
    assert local.accounts["ben"][0] is Role.CURATOR
    press(test, "ad-disable-ben")
    assert local.accounts["ben"][1] == "disabled"
    press(test, "ad-enable-ben")
    press(test, "ad-give-ben")
    assert test.code
    assert "ad-role-ada" not in {box.key for box in test.selectbox}, "nobody changes their own role"
    assert said.NEVER in words_of(test)


def test_the_last_admin_is_not_disabled_from_a_page_that_is_old(local: Local) -> None:
    desk = local.site.administration.accounts
    assert desk
    desk.make(local.ada, "ben", Role.ADMIN)
    test = local.page()
    local.book.register.change("ada", disabled=True)
    press(test, "ad-disable-ben")
    assert [error.value for error in test.error] == [said.PROBLEMS["LastAdmin"]]


def test_sessions_are_listed_and_ended(local: Local) -> None:
    desk = local.site.administration.accounts
    assert desk
    given = desk.make(local.ada, "ben", Role.AGENT)
    for _ in range(2):
        local.book.sign_in("ben", given, None, secure=False)
    test = local.page("sessions")
    assert said.MINE in words_of(test)
    ends = [button.key for button in test.button if str(button.key).startswith("ad-end-")]
    assert len(ends) == 3, "one of each of Ben's, one of both, none of one's own"
    press(test, next(key for key in ends if "all" not in key))
    assert [each.name for each in local.book.sessions.open()].count("ben") == 1


def test_an_agent_is_let_look(local: Local) -> None:
    desk = local.site.administration.accounts
    assert desk
    desk.make(local.ada, "ben", Role.AGENT)
    ben = local.book.person("ben", Role.AGENT)
    test = local.page("looks")
    assert said.NO_GRANTS in words_of(test)
    test.selectbox(key="ad-agent").set_value(ben.user).run()
    press(test, "ad-grant")
    assert local.site.looks.allowed(ben)
    press(test, f"ad-revoke-{ben.user}")
    assert not local.site.looks.allowed(ben)


def test_the_trail_is_filtered_and_goes_back(local: Local) -> None:
    for number in range(60):
        local.site.audit.record(local.ada, "share.made", app="app", about=f"*c*-{number}")
    local.site.audit.record(None, "elsewhere.done", about="new")
    test = local.page("trail")
    table = words_of(test)
    assert "| ada (administrator) | Link shared | app | \\*c\\*\\-59 |" in table
    assert "elsewhere\\.done" in table
    press(test, "ad-older")
    assert "\\-0 |" in words_of(test)
    assert "\\-59 |" not in words_of(test)
    test.text_input(key="ad-trail-about").input("-59").run()
    assert "\\-59 |" in words_of(test), "another question begins with its newest"
    assert "\\-5 |" not in words_of(test)
    press_free = [element.proto.url for element in test.get("link_button")]
    assert press_free == ["audit.csv?about=-59"]


GROUPS = {"AUTH_ROLES": "it|ops=admin", "AUTH_NEW_ROLE": "none"}
PROXY = {
    **GROUPS,
    "AUTH": "proxy",
    "AUTH_PROXY_SECRET": "k" * 40,
    "AUTH_PROXY_NETWORKS": "127.0.0.1",
}


def test_where_roles_come_from_without_accounts(
    dify: Upstream, me: Callable[[Identity], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    me(Identity("web-ada", Role.ADMIN, "Ada"))
    monkeypatch.setattr(visitor, "cookies", dict)
    world = World(dify, Open(SECRET))
    assert said.ROLES_OPEN in words_of(world.page())
    assert said.SESSIONS_UNKNOWN["open"] in words_of(world.page("sessions"))
    settings = AuthSettings.read(PROXY)
    database = Store.in_memory().database
    world = World(dify, chosen(settings, SECRET, database, Departures()), settings)
    told = words_of(world.page())
    assert "| it\\|ops | administrator |" in told
    assert said.NOT_LET_IN in told
    assert said.SESSIONS_UNKNOWN["proxy"] in words_of(world.page("sessions"))
    world.site.audit.record(Identity("web-ben", Role.AGENT, "Ben"), "sign_in.succeeded")
    test = world.page("looks")
    assert test.selectbox(key="ad-agent").options == ["Ben"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_not_see_a_page_is_told_and_the_app_is_asked_nothing(
    dify: Upstream, me: Callable[[Identity], None], page: str, role: Role
) -> None:
    me(Identity("eve", role, "eve"))
    world = World(dify, Open(SECRET), AuthSettings(contact="Grace <grace@example.com>"))
    test = world.page(name=page)
    refused = "This page needs the role" in words_of(test)
    if page in NEEDS:
        assert refused is (role < NEEDS[page])
    if refused:
        assert role < Role.ADMIN
        assert "Grace" in words_of(test)
        assert dify.requests == []


def test_reading_the_trail_adds_nothing_to_it(local: Local) -> None:
    before = len(local.site.administration.trail.entries(local.ada, Wanted()).entries)
    local.page("trail")
    assert len(local.site.administration.trail.entries(local.ada, Wanted()).entries) == before
