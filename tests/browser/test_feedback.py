"""From a complaint to an annotation that answers, by keyboard, against the embedded backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served

QUESTION = "What colour is the door of the workshop?"
REASON = "That is not what I asked: which colour?"
BETTER = "The door is **green**."


@pytest.fixture(scope="module")
def embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("feedback")) as running:
        yield running


def button(person: Person, name: str) -> Locator:
    return person.page.get_by_role("button", name=name, exact=True)


def told(person: Person, words: str) -> None:
    expect(person.page.get_by_text(words).first).to_be_visible()


def complain(visitor: Person, question: str, reason: str) -> None:
    visitor.ask(question)
    visitor.sees_state("complete")
    visitor.turn().get_by_role("button", name="Bad answer").click()
    if reason:
        visitor.page.get_by_role("textbox", name="In your own words, if you like").fill(reason)
    button(visitor, "Save").click()
    expect(visitor.turn().get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    expect(visitor.page.locator(".tr-status")).to_have_text("Rating saved")


def switch_annotations_on(curator: Person) -> None:
    page = curator.page
    curator.open("/annotations")
    page.get_by_test_id("stButtonGroup").get_by_text("Annotation reply", exact=True).click()
    expect(page.get_by_role("combobox", name="Embedding provider")).to_have_value("embedded")
    page.get_by_role("combobox", name="Embedding model").fill("a model of ours")
    page.get_by_role("option", name="a model of ours").click()
    button(curator, "Switch on").click()
    told(curator, "Switched on.")


@pytest.mark.timeout(600)
def test_from_a_complaint_to_an_annotation_that_answers(arrive: Arrive, embedded_site: Site) -> None:
    visitor, curator = arrive(embedded_site.url), arrive(embedded_site.url)
    visitor.chat()
    complain(visitor, "How do I stop an answer?", "")
    complain(visitor, QUESTION, REASON)
    switch_annotations_on(curator)
    page = curator.page
    curator.open("/feedback")
    rows = page.locator(".fb-row")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(REASON)
    # A filter, and what was typed into it is there after a look at another page.
    page.keyboard.press("/")
    page.get_by_role("searchbox").type("which COLOUR")
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    # By keyboard: to the row, into it, to the editor.
    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    page.keyboard.press("Enter")
    found = page.locator(".tr-found")
    expect(found).to_contain_text(QUESTION)
    expect(found).to_be_in_viewport()
    told(curator, REASON)
    expect(page.locator(".tr-found").get_by_role("button", name="Bad answer")).to_have_count(0)
    page.keyboard.press("a")
    answer = page.get_by_role("textbox", name="Answer", exact=True)
    expect(answer).to_be_focused()
    answer.fill("The door is")
    answer.press("Tab")
    expect(page.locator(".an-preview")).to_have_text("The door is")
    page.reload()  # what was typed is not in the tab alone
    expect(answer).to_have_value("The door is")
    answer.fill(BETTER)
    answer.press("Tab")
    expect(page.locator(".an-preview strong")).to_have_text("green")
    button(curator, "Add").click()
    told(curator, "Added 1.")
    # The proof: the question itself.
    expect(page.get_by_role("textbox", name="Question to try")).to_have_value(QUESTION)
    button(curator, "Try it").click()
    told(curator, "An annotation answers:")
    page.keyboard.press("h")
    told(curator, "Handled. You")
    page.keyboard.press("h")
    expect(page.get_by_text("Handled. You")).to_have_count(0)
    page.keyboard.press("h")
    told(curator, "Handled. You")
    button(curator, "All feedback").click()
    expect(page.get_by_role("searchbox")).to_have_value("which COLOUR")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Handled by you")
    button(curator, "Clear filters").click()
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button", name=REASON).click()
    expect(button(curator, "Next")).to_be_enabled()
    page.keyboard.press("j")
    expect(found).to_contain_text("How do I stop an answer?")
    # The visitor asks again.
    visitor.ask(QUESTION)
    visitor.gets("The door is green.")
