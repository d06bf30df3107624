"""What somebody finds who opens the site, at any page's address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served
from tests.upstream import Answer, Gate, Upstream, row


def test_the_app_introduces_itself(person: Person) -> None:
    expect(person.page.get_by_role("heading", name="Scripted chat", level=1)).to_be_visible()
    expect(person.log.get_by_text("Hello friend, I am guide. Ask me!")).to_be_visible()
    expect(person.log.locator("strong", has_text="guide")).to_be_visible()
    expect(person.log.get_by_text("🤖")).to_be_visible()
    expect(person.page.get_by_text("Demo mode")).to_have_count(0)
    # Also where it does not fit: it is read from its beginning.
    person.page.set_viewport_size({"width": 390, "height": 360})
    person.page.reload()
    person.ready()
    expect(person.log.get_by_role("button").last).to_be_attached()
    expect(person.page.get_by_role("heading", name="Scripted chat", level=1)).to_be_in_viewport()
    person.ask("And now?")
    person.gets("Echo: And now?")
    expect(person.answer()).to_be_in_viewport()


def test_a_suggested_question_asks_at_once_and_only_once(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Quite ", gate, "a lot."))
    suggestion = person.log.get_by_role("button", name='Is "a < b" & why?', exact=True)
    suggestion.dblclick()
    person.sees("Quite")
    expect(suggestion).to_be_hidden()
    gate.open()
    person.gets("Quite a lot.")
    expect(person.question()).to_have_text('Is "a < b" & why?')
    expect(person.turns).to_have_count(1)
    assert [asked.body["query"] for asked in dify.asked] == ['Is "a < b" & why?']


def test_two_suggestions_pressed_together_ask_one(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("One at ", gate, "a time."))
    person.log.evaluate("log => log.querySelectorAll('button').forEach(b => b.click())")
    person.sees("One at")
    gate.open()
    person.gets("One at a time.")
    person.page.reload()
    person.gets("One at a time.")
    expect(person.turns).to_have_count(1)
    assert len(dify.asked) == 1


def test_the_embedded_backend_says_what_it_is(visitor: Person) -> None:
    expect(visitor.page.get_by_text("Demo mode: no Dify is configured")).to_be_visible()
    visitor.ask("How do I connect a real Dify?")
    visitor.sees_state("complete")
    visitor.sees("DIFY_BASE_URL")
    visitor.ask("xyzzy plugh frobnicate")
    visitor.sees_state("complete")
    expect(visitor.turns).to_have_count(2)


def test_a_new_chat_leaves_the_old_one_as_it_is(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Going ", gate, "on alone."))
    person.ask("first of all")
    person.sees("Going")
    person.page.get_by_role("button", name="New chat").click()
    expect(person.turns).to_have_count(0)
    expect(person.log.get_by_text("Hello friend")).to_be_visible()
    person.ask("second of all")
    person.gets("Echo: second of all")
    gate.open()
    person.page.get_by_role("button", name="first of all").click()
    person.gets("Going on alone.")
    expect(person.turns).to_have_count(1)
    assert dify.asked[1].body.get("conversation_id", "") == ""


@pytest.mark.parametrize("path", [pytest.param("/", marks=pytest.mark.soak), "/history", "/?app=app&c={}"])
def test_a_cold_first_visit_to_any_address(path: str, tmp_path: Path, arrive: Arrive) -> None:
    with Upstream() as dify:
        kept = dify.keep(row("An old question", "An old answer"))
        with served(tmp_path, (dify.url, dify.key)) as site:
            person = arrive(site.url)
            page = person.open(path.format(kept.id))
            if path == "/history":
                expect(page.get_by_role("heading", name="History")).to_be_visible()
                page.get_by_role("button", name="An old question").first.click()
                expect(page).to_have_url(re.compile(re.escape(kept.id)))
            if path == "/":
                person.ask("New question")
                person.gets("Echo: New question")
            else:
                person.gets("An old answer")
                assert person.conversation_id == kept.id
            person.leave()
            assert "Traceback" not in site.log


def test_an_app_that_nobody_knows_is_no_other_one(arrive: Arrive, site: Site, dify: Upstream) -> None:
    person = arrive(site.url)
    page = person.open("/?app=unknown")
    expect(page.get_by_text("There is no such app on this site")).to_be_visible()
    expect(person.composer).to_have_count(0)
    page.get_by_role("button", name="Choose an app").click()
    page.get_by_role("menuitem").click()
    person.ready()
    person.ask("Who are you?")
    person.gets("Echo: Who are you?")


def test_nothing_goes_wrong_in_a_plain_session(person: Person, dify: Upstream) -> None:
    """Every test asserts this of its people; here with a visit to every corner."""
    person.ask("one")
    person.gets("Echo: one")
    person.turn().get_by_role("button", name="Copy answer").click()
    person.turn().get_by_role("button", name="Details").click()
    person.page.keyboard.press("Escape")
    person.page.get_by_role("button", name="Keyboard").click()
    shortcuts = person.page.get_by_role("dialog", name="Keyboard")
    expect(shortcuts.get_by_text("send the question")).to_be_visible()
    person.page.keyboard.press("Escape")
    expect(shortcuts).to_have_count(0)
    person.page.get_by_role("link", name="History").click()
    expect(person.page.get_by_role("heading", name="History")).to_be_visible()
    person.page.reload()
    expect(person.page.get_by_role("heading", name="History")).to_be_visible()
    person.page.get_by_role("main").get_by_role("button", name="one").click()
    person.gets("Echo: one")
    person.page.go_back()
    person.page.go_forward()
    person.gets("Echo: one")
    person.page.get_by_role("button", name="New chat").click()
    expect(person.turns).to_have_count(0)
    assert person.trouble == []
