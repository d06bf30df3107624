"""Several apps on one site, as pages show them: changed between, kept apart, one broken beside a good one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components import session, visitor, words, words_about, words_apps
from components.session.keys import APP
from services import assembly
from services import site as sites
from services.access import Access
from services.apps import App
from services.dify.client import Client
from services.dify.patience import Patience
from services.identities.open import Open
from services.identity import Identity, Role, Secret
from services.site import Site
from services.store import Store
from tests.pages.test_pages import FRAME, LONG, said
from tests.upstream import HANG, Refusal, Upstream, row, stops_delivered

PAGES = [None, "history.py", "variables.py", "annotations.py", "about.py"]
ANN = Identity("ann", Role.CURATOR, groups=frozenset({"sales"}))


@dataclass
class World:
    support: Upstream
    sales: Upstream
    site: Site

    def page(self, name: str | None = None, **address: str) -> AppTest:
        test = AppTest.from_file(FRAME, default_timeout=60)
        for key, value in address.items():
            test.query_params[key] = value
        return (test.switch_page(name) if name else test).run()

    def choose(self, test: AppTest, slug: str) -> AppTest:
        (menu,) = test.menu_button
        return menu.click(slug).run()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: ANN)
    patience = Patience(connect=2, read=1.5, repeats=0)
    with ExitStack() as stack:
        support, sales = stack.enter_context(Upstream()), stack.enter_context(Upstream(key="app-CANARYsales"))
        sales.site = {**sales.site, "title": "Sales *desk*", "icon": "💶"}
        apps = [
            App(slug, stack.enter_context(Client(dify.url, dify.key, patience=patience)), access=access)
            for slug, dify, access in (
                ("support", support, Access()),
                ("sales", sales, Access(groups=frozenset({"sales"}))),
                ("secret", sales, Access(groups=frozenset({"leads"}))),
            )
        ]
        made = assembly.over(apps[0], Open(Secret(b"s" * 32)), Store.in_memory(), apps[1:])
        sites.use(made)
        yield World(support, sales, made)
        for run in made.runs._by_send_id.values():
            run.stop()
            assert run.done.wait(LONG)
        made.stop()
        stops_delivered()
        sites.refuse("over")


def asked(dify: Upstream) -> list[str]:
    return [each.body["query"] for each in dify.asked]


def test_each_app_has_its_own_conversation_and_one_comes_back_to_it(world: World) -> None:
    test = world.page()
    assert test.query_params["app"] == "support"
    first = test.query_params["c"]
    test = world.choose(test, "sales")
    assert not test.exception
    assert (test.query_params["app"], test.title[0].value) == ("sales", "💶 Sales \\*desk\\*")
    second = test.query_params["c"]
    assert second != first
    test.chat_input[0].set_value("for sales").run()
    test = world.choose(test, "support")
    assert (test.query_params["app"], test.query_params["c"]) == ("support", first)
    test.chat_input[0].set_value("for support").run()
    for run in world.site.runs._by_send_id.values():
        assert run.done.wait(LONG)
    assert (asked(world.support), asked(world.sales)) == (["for support"], ["for sales"])


def test_an_app_is_stayed_with_over_pages(world: World) -> None:
    test = world.choose(world.page(), "sales")
    for name in PAGES[1:]:
        test.query_params.clear()  # as a click in the sidebar does
        test.switch_page(str(name)).run()
        assert not test.exception
        assert test.query_params["app"] == "sales"
    test.query_params.clear()
    test.switch_page("chat.py").run()
    assert test.query_params["app"] == "sales"


def test_lists_are_of_the_app(world: World) -> None:
    world.support.keep(row("asked at support", "yes"), user="ann")
    kept = world.sales.keep(row("asked at sales", "yes"), user="ann")
    newest, app = world.site.archive.newest, world.site.app(ANN, "sales")
    assert [shown["id"] for shown in newest.rows(ANN, app) or []] == [kept.id]
    test = world.page(app="support", c=kept.id)  # Dify knows it under another app: nothing of it is shown
    shown = "".join(element.proto.json for element in test.get("bidi_component"))
    assert "asked at sales" not in shown


@pytest.mark.parametrize(
    ("slug", "name"),
    [*(("secret", page) for page in PAGES), ("nothing", None), ("", None), ("../sales", None)],
)
def test_an_app_that_is_not_there_or_not_for_one(world: World, slug: str, name: str | None) -> None:
    test = world.page(name, app=slug)
    assert not test.exception
    assert words_apps.NO_SUCH_APP in said(test)
    assert not test.chat_input
    assert world.support.requests == world.sales.requests == []
    (menu,) = test.menu_button
    assert len(menu.options) == 2
    test = world.choose(test, "sales")
    assert test.chat_input
    assert (test.query_params["app"], test.title[0].value) == ("sales", "💶 Sales \\*desk\\*")


def test_nobodys_apps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for app in world.site.apps:
        app.access = Access(groups=frozenset({"leads"}))
    test = world.page()
    assert words_apps.NO_APP in said(test)
    assert not test.menu_button
    assert world.support.requests == []


def test_a_conversation_of_another_app_is_not_opened(world: World) -> None:
    key = world.page(app="support").query_params["c"]
    test = world.page(app="sales", c=key)
    assert words.NOT_THEIRS in said(test)
    assert not test.chat_input


def test_what_stands_in_widgets_is_each_apps_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {APP: "support"})
    session.keep("guidelines", "how support writes")
    st.session_state[APP] = "sales"
    assert session.kept("guidelines", "") == ""
    session.keep("guidelines", "how sales writes")
    st.session_state[APP] = "support"
    assert session.kept("guidelines", "") == "how support writes"


def wrong_key(dify: Upstream) -> None:
    dify.key = "another"


def workflow(dify: Upstream) -> None:
    dify.info = {"mode": "workflow"}


def hanging(dify: Upstream) -> None:
    dify.fail("info", HANG)


def no_dify(dify: Upstream) -> None:
    for name in ("info", "site", "meta", "parameters"):
        dify.fail(name, Refusal(404, "<html>Not Found</html>"))


@pytest.mark.parametrize(
    ("broken", "code"),
    [(wrong_key, "refused"), (workflow, "kind"), (hanging, "unreachable"), (no_dify, "too_old")],
)
def test_a_broken_app_beside_a_good_one(world: World, broken: object, code: str) -> None:
    assert callable(broken)
    broken(world.sales)
    test = world.page()
    assert test.chat_input
    test = world.choose(test, "sales")
    assert not test.exception
    assert test.error
    assert not test.chat_input
    (menu,) = test.run().menu_button
    assert words_apps.MARKS[code] in menu.options[1]
    about = world.page("about.py", app="sales")
    assert words_apps.STANDS[code].format(detail="workflow") in said(about)
    assert world.sales.key not in said(about)
    test = world.choose(test, "support")
    assert test.chat_input
    assert not test.error


def test_a_page_about_each_app(world: World) -> None:
    world.sales.info = {**world.sales.info, "mode": "advanced-chat", "description": "Knows <b>prices</b>."}
    world.sales.meta = {"tool_icons": {"calculator": "http://x/icon"}}
    world.sales.parameters = {
        "user_input_form": [{"text-input": {"variable": "name", "label": "Your *name*"}}],
        "file_upload": {"enabled": True, "allowed_file_types": ["image", "custom"], "number_limits": 4},
        "text_to_speech": {"enabled": True},
    }
    test = world.choose(world.page(), "sales")
    next(button for button in test.button if button.label == words_about.ABOUT).click().run()
    assert not test.exception
    assert test.query_params["app"] == "sales"
    told = said(test).replace("\\", "")
    for line in (
        "Sales *desk*",
        "Knows <b>prices</b>.",
        words_apps.STANDS["fine"],
        words_about.KINDS["advanced-chat"],
        words_about.FORM.format(names="Your *name*"),
        words_about.TOOLS.format(names="calculator"),
        "pictures, other files, 4 at most",
        words_about.FEATURES["speech"][0],
        words_about.FEATURES["voice"][1],
        words_about.FLOW_ANNOTATIONS,
        words_about.FEATURES["variables"][0],
    ):
        assert line in told


def test_an_old_server_is_said_to_be_one(world: World) -> None:
    world.sales.fail("site", Refusal(404, "<html>Not Found</html>"))
    told = said(world.page("about.py", app="sales"))
    assert words_apps.STANDS["old"] in told
    assert words_apps.LACKS["site"] in told


def test_an_app_that_answers_again_is_asked_by_a_button(world: World) -> None:
    world.sales.fail("info", Refusal.of(500, "unknown", "Internal Server Error"))
    test = world.page("about.py", app="sales")
    assert words_apps.STANDS["failing"].format(detail="unknown") in said(test)
    world.sales.fail("info")
    next(button for button in test.button if button.label == words.RETRY).click().run()
    assert words_apps.STANDS["fine"] in said(test)
