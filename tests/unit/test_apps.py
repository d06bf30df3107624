"""What an app says of itself, from every kind of server; and the titles of its conversations."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from services import apps, titles
from services.apps import App, NotServed, Profile
from services.conversations import Conversation
from services.dify.application import Info, Meta, Site
from services.dify.client import Client
from services.dify.errors import DifyError, NotSent, Unauthorized, Unintelligible
from services.dify.parameters import Parameters
from services.dify.patience import Patience
from services.store import Owned
from services.titles import Titles
from tests.site import until
from tests.unit.transcripts import FOLDER
from tests.upstream import HANG, Refusal, Upstream, row

HTML_404 = Refusal(404, "<!doctype html>\n<title>404 Not Found</title>")
JSON_404 = Refusal.of(404, "not_found", "The requested URL was not found on the server.")


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def app(dify: Upstream) -> Iterator[App]:
    with Client(dify.url, dify.key, patience=Patience(repeats=0, read=2)) as client:
        yield App("app", client)
        for thread in threading.enumerate():
            if thread.name == "profile":
                thread.join(20)


def test_a_profile(app: App, dify: Upstream) -> None:
    profile = app.profile()
    assert (profile.name, profile.icon, profile.color) == ("Scripted chat", "🤖", None)
    assert profile.parameters.suggested_questions == ("What can you do?", "Show me markdown")


def test_a_recorded_server(app: App, dify: Upstream) -> None:
    for name in ("info", "site", "meta", "parameters"):
        setattr(dify, name, json.loads((FOLDER / f"10_app_chat_{name}" / "response.body").read_bytes()))
    profile = app.profile()
    assert (profile.name, profile.icon, profile.info.mode) == ("Basic chat", "🤖", "chat")
    assert profile.opening({}) == "Hello, how can I help?"
    assert profile.opening({"nick": "Bo"}) == "Hello Bo, how can I help?"


@pytest.mark.parametrize("gone", [HTML_404, JSON_404], ids=["html", "json"])
def test_older_servers_lack_much_and_chat_still(app: App, dify: Upstream, gone: Refusal) -> None:
    for name in ("info", "site", "meta"):
        dify.fail(name, gone)
    dify.parameters = {}
    profile = app.profile()
    assert (profile.name, profile.icon, profile.color, profile.opening({})) == ("Chat", None, None, "")


@pytest.mark.parametrize("nothing", [None, [], 7, {"mode": None, "name": []}])
def test_absent_keys_refuse_nothing(app: App, dify: Upstream, nothing: Any) -> None:
    dify.info = dify.site = dify.meta = dify.parameters = nothing
    assert app.profile().name == "Chat"


@pytest.mark.parametrize("mode", ["chat", "agent-chat", "agent", "advanced-chat", ""])
def test_the_modes_that_are_served(app: App, dify: Upstream, mode: str) -> None:
    dify.info = {"mode": mode}
    assert app.profile().info.mode == mode


@pytest.mark.parametrize("mode", ["completion", "workflow", "something-new"])
def test_the_modes_that_are_refused_by_name(app: App, dify: Upstream, mode: str) -> None:
    dify.info = {"mode": mode}
    with pytest.raises(NotServed, match=mode):
        app.profile()


def test_a_wrong_key(dify: Upstream) -> None:
    with Client(dify.url, "app-wrong") as client, pytest.raises(Unauthorized) as caught:
        App("app", client).profile()
    assert "app-wrong" not in str(caught.value)


def test_a_wrong_address_that_answers_with_a_page(app: App, dify: Upstream) -> None:
    dify.fail("info", Refusal(200, "<html>Sign in</html>"))
    with pytest.raises(Unintelligible):
        app.profile()


def test_nobody_there() -> None:
    with Upstream() as gone:
        pass
    client = Client(gone.url, gone.key, patience=Patience(repeats=0))
    with client, pytest.raises(NotSent):
        App("app", client).profile()


def test_a_profile_is_kept_and_outlives_an_outage(
    app: App, dify: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.profile() is app.profile()
    asked = len(dify.requests)
    monkeypatch.setattr(apps, "FRESH_FOR", -1.0)
    dify.fail("info", Refusal.of(500, "unknown", "Internal Server Error"))
    assert app.profile().name == "Scripted chat"
    until(lambda: len(dify.requests) > asked, "another look")
    dify.fail("info")
    dify.site = {"title": "Renamed"}
    until(lambda: app.profile().name == "Renamed", "the new name")


def test_a_profile_that_is_slow_to_be_read_again_holds_nobody_up(
    app: App, dify: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = app.profile()
    monkeypatch.setattr(apps, "FRESH_FOR", -1.0)
    dify.fail("info", HANG)
    asked = len(dify.requests)
    assert [app.profile() for _ in range(3)] == [known] * 3
    until(lambda: len(dify.requests) > asked, "another look")


def test_an_app_that_becomes_one_of_another_kind(
    app: App, dify: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.profile()
    monkeypatch.setattr(apps, "FRESH_FOR", -1.0)
    dify.info = {**dify.info, "mode": "workflow"}

    def refused() -> bool:
        try:
            app.profile()
        except NotServed:
            return True
        return False

    until(refused, "the refusal")


def profile(statement: str = "", form: Any = (), **site: Any) -> Profile:
    parameters = Parameters.from_json({"opening_statement": statement, "user_input_form": list(form)})
    return Profile(Info(), parameters, Site.from_json(site), Meta())


@pytest.mark.parametrize(
    ("statement", "inputs", "text"),
    [
        ("Hello {{nick}}!", {}, "Hello!"),
        ("Hello {{nick}}!", {"nick": "Bo"}, "Hello Bo!"),
        ("Hello {{ nick }} and {{nick}}", {"nick": 7}, "Hello 7 and 7"),
        ("{{tone}} {{nick}}", {}, "formal"),
        ("{{tone}}", {"tone": "casual"}, "casual"),
        ("{{a}}", {"a": "{{tone}}"}, "{{tone}}"),
        ("{{a}}", {"a": "\\1 \\g<0>"}, "\\1 \\g<0>"),
        ("{{}} {{a b}} {a}", {"a": 1}, "{{}} {{a b}} {a}"),
        ("", {"a": 1}, ""),
    ],
)
def test_the_opening_statement_is_filled(statement: str, inputs: dict[str, Any], text: str) -> None:
    form = [
        {"select": {"variable": "tone", "default": "formal"}},
        {"text-input": {"variable": "nick", "default": ""}},
    ]
    assert profile(statement, form).opening(inputs) == text


@pytest.mark.parametrize(
    ("color", "used"),
    [
        ("#ff4a4a", "#ff4a4a"),
        ("#FFF", "#FFF"),
        ("red", None),
        ("#ff4a4a;background:url(//evil)", None),
        ("#ff4a4a\n", None),
        (None, None),
    ],
)
def test_a_color_is_a_color(color: Any, used: str | None) -> None:
    assert profile(chat_color_theme=color).color == used


def test_an_icon_is_an_emoji_or_nothing() -> None:
    assert profile(icon_type="emoji", icon="🤖").icon == "🤖"
    assert profile(icon_type="image", icon="0af3-uuid").icon is None
    assert profile(icon_type="emoji", icon="x" * 17).icon is None
    assert not profile(icon_type="emoji", icon="").icon


# Titles


def test_titles_are_read_once_in_a_while(app: App, dify: Upstream) -> None:
    for number in range(5):
        dify.keep(row(f"question {number}", "a"), user="ada")
    listed = Titles()
    assert [r.name for r in listed.of(app, "ada", 3) or ()] == [f"question {n}" for n in range(3)]
    assert listed.of(app, "bob", 3) == ()
    asked = len(dify.requests)
    assert len(listed.of(app, "ada", 2) or ()) == 2
    assert len(dify.requests) == asked
    assert len(listed.of(app, "ada", 100) or ()) == 5
    assert len(listed.of(app, "ada", 3) or ()) == 3
    assert len(dify.requests) == asked + 1


def test_titles_that_cannot_be_read(app: App, dify: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(titles, "FRESH_FOR", -1.0)
    listed = Titles()
    dify.keep(row("question", "a"), user="ada")
    dify.fail("conversations", Refusal.of(500, "unknown", "Internal Server Error"))
    assert listed.of(app, "ada", 3) is None
    dify.fail("conversations")
    assert len(listed.of(app, "ada", 3) or ()) == 1
    dify.fail("conversations", Refusal.of(500, "unknown", "Internal Server Error"))
    assert len(listed.of(app, "ada", 3) or ()) == 1


def test_a_title_that_comes_late_is_looked_for_and_told(
    app: App, dify: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(titles, "TITLE_AFTER", 0.05)
    dialogue = dify.keep(row("question", "a"), user="ada")
    conversation = Conversation(Owned("a-key-of-our-own", "app", "ada", dialogue.id))
    told = threading.Event()
    conversation.watch(told.set)
    listed = Titles()
    listed.of(app, "ada", 3)
    dialogue.name = "A real title"
    listed.expect(conversation)
    assert told.wait(10)
    assert [r.name for r in listed.of(app, "ada", 3) or ()] == ["A real title"]


def test_every_error_is_a_dify_error(app: App, dify: Upstream) -> None:
    for answer in (
        Refusal(502, "<html>Bad Gateway</html>"),
        Refusal(301, "", {"location": "/login"}),
        Refusal(200, "{nope"),
    ):
        dify.fail("parameters", answer)
        with pytest.raises(DifyError):
            app.profile()
