"""What the site says of a configuration that is half set, wrong, or wants mending: never a traceback."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.relay import Fault, Relay, response
from tests.site import PATIENCE, served, started
from tests.upstream import HTML_404, Refusal, Upstream

KEY = "app-secret-of-this-test"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"DIFY_API_KEY": KEY}, "https://api.dify.ai/v1"),
        ({"DIFY_BASE_URL": "https://api.dify.ai/v1"}, "Set DIFY_API_KEY to the key of your app"),
        ({"DATA_DIR": "/dev/null/data"}, "Set DATA_DIR to another one"),
    ],
)
def test_what_cannot_work_is_said_in_a_sentence(
    environ: dict[str, str], words: str, tmp_path: Path, arrive: Arrive
) -> None:
    with served(tmp_path, **environ) as site:
        person = arrive(site.url)
        for path in ("/", "/history"):
            page = person.open(path)
            expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
            assert KEY not in page.content()
        assert site.health().status_code == 503
        assert words in site.health().json()["problem"]
        assert words in site.log.replace("\n", " ")
        assert "Traceback" not in site.log
        assert KEY not in site.log
        person.leave()


def test_a_second_site_on_the_same_folder_says_so_and_does_nothing(tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify, served(tmp_path, (dify.url, dify.key)) as first:
        with served(tmp_path) as second:
            assert second.health().status_code == 503
            page = arrive(second.url).open()
            words = f"Another process of this site uses the data folder {first.data}"
            expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
            assert not second.children
            page.close()
        assert first.health().json()["status"] == "ok"


def test_an_address_that_can_be_mended_is(tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify, served(tmp_path, (dify.url.removesuffix("v1"), dify.key)) as site:
        person = arrive(site.url)
        person.chat()
        person.ask("Are you there?")
        person.gets("Echo: Are you there?")
        for words in ("ended in a slash", "did not end in /v1"):
            expect(person.page.get_by_test_id("stSidebar").get_by_text(words)).to_be_visible()
            assert words in site.log
        person.leave()


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_it_does_not_listen_beyond_this_machine(how: str, tmp_path: Path) -> None:
    if how == "argument":
        site = started(tmp_path, None, "--server.address", "0.0.0.0")
    else:
        site = started(tmp_path, STREAMLIT_SERVER_ADDRESS="0.0.0.0")
    try:
        assert site.process.wait(PATIENCE) != 0
    finally:
        site.process.kill()
    assert "Set server.address to 127.0.0.1" in " ".join(site.log.split())
    assert "Traceback" not in site.log


def test_a_key_that_dify_refuses(tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify, served(tmp_path, (dify.url, KEY)) as site:
        person = arrive(site.url)
        page = person.open()
        expect(page.get_by_text("The app's API key is not accepted.")).to_be_visible()
        assert KEY not in page.content()
        assert KEY not in site.log
        person.leave()


def test_a_dify_that_is_away_and_comes_back(tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify, Relay(dify.port) as line, ExitStack() as away:
        away.enter_context(line.closed())  # before the site asks, at its start, what the app is
        with served(tmp_path, (f"{line.url}/v1", dify.key)) as site:
            person = arrive(site.url)
            page = person.open()
            expect(page.get_by_text("The app's server cannot be reached.")).to_be_visible()
            away.close()
            page.get_by_role("button", name="Try again").click()
            person.ready()
            person.ask("Back again?")
            person.gets("Echo: Back again?")
            person.leave()


@pytest.mark.parametrize("mode", ["completion", pytest.param("workflow", marks=pytest.mark.soak)])
def test_an_app_of_another_kind_is_refused_by_name(mode: str, tmp_path: Path, arrive: Arrive) -> None:
    with Upstream(mode=mode) as dify, served(tmp_path, (dify.url, dify.key)) as site:
        person = arrive(site.url)
        expect(person.open().get_by_text(f"This Dify app is a {mode} app.")).to_be_visible()
        person.leave()


def test_an_old_server_that_knows_little_still_chats(tmp_path: Path, arrive: Arrive) -> None:
    with Upstream(mode="advanced-chat") as dify, Relay(dify.port) as line:
        for name in ("info", "site", "meta"):
            dify.fail(name, Refusal(404, HTML_404))
        dify.parameters = {"opening_statement": None}
        for path in ("/v1/messages", "/v1/conversations"):
            line.always(path, Fault(answer=response(404, HTML_404.encode())))
        with served(tmp_path, (f"{line.url}/v1", dify.key)) as site:
            person = arrive(site.url)
            person.chat()
            person.ask("Hello")
            person.gets("Echo: Hello")
            person.page.reload()
            person.gets("Echo: Hello")
            person.leave()


def test_with_nothing_configured_it_says_where_answers_come_from(tmp_path: Path, arrive: Arrive) -> None:
    with served(tmp_path, DIFY_BASE_URL="", DIFY_API_KEY=" ") as site:
        person = arrive(site.url)
        person.chat()
        expect(person.page.get_by_text(re.compile("Demo mode: no Dify is configured"))).to_be_visible()
        assert len(site.children) == 1
        person.leave()
