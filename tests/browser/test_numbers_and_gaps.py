"""Numbers and gaps of what was really asked: from the chat to figures, a file and an annotation."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.annotated import Annotated
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served
from tests.upstream import Answer, Refusal

OH = Refusal.of(400, "completion_request_error", "The model is gone.")


@pytest.fixture(scope="module")
def dify() -> Iterator[Annotated]:
    with Annotated() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def asked_site(dify: Annotated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("asked"), (dify.url, dify.key)) as running:
        yield running


def button(person: Person, name: str) -> Locator:
    return person.page.get_by_role("button", name=name, exact=True)


def told(person: Person, words: str) -> Locator:
    found = person.page.get_by_text(words).first
    expect(found).to_be_visible()
    return found


def figure(person: Person, name: str) -> Locator:
    tile = person.page.get_by_test_id("stMetric").filter(has=person.page.get_by_text(name, exact=True))
    return tile.get_by_test_id("stMetricValue")


def test_what_was_asked_is_counted_and_what_was_missed_is_answered(
    arrive: Arrive, asked_site: Site, dify: Annotated
) -> None:
    curator = arrive(asked_site.url)
    page = curator.page
    curator.open("/numbers")
    told(curator, "Nothing was asked through this site yet.")
    button(curator, "Ask a question").click()
    curator.ready()
    # Three answers, one of them disliked; two questions that failed, in other words.
    dify.next(Answer("Press Cancel."), Answer("Ask somebody else."), Answer("I don't know."), OH, OH)
    for question, state in (
        ("How do I cancel?", "complete"),
        ("Where is my invoice?", "complete"),
        ("What is the wifi name?", "complete"),
        ("How do I reset my password?", "failed"),
        ("reset password", "failed"),
    ):
        curator.ask(question)
        curator.sees_state(state)
    curator.turn(1).hover()
    curator.turn(1).get_by_role("button", name="Bad answer").click()
    expect(curator.turn(1).get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    curator.open("/numbers")
    for name, value in (
        ("Conversations", "1"),
        ("Questions", "5"),
        ("Answers", "3"),
        ("Errors", "2"),
        ("Liked", "0%"),
    ):
        expect(figure(curator, name)).to_have_text(value)
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text("By person", exact=True).click()
    link = page.get_by_role("link", name="This table as CSV")
    expect(link).to_have_attribute("href", re.compile("/numbers/person.csv"))
    with page.expect_download() as download:
        link.click()
    (row,) = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    assert (row["questions"], row["dislikes"], row["failed"]) == ("5", "1", "2")
    # The gaps: two questions in one group, and the disliked one.
    curator.open("/gaps")
    told(curator, "2 failed")
    told(curator, "1 disliked")
    told(curator, "1 did not know")
    button(curator, "Write one annotation for these").first.click()
    question = page.get_by_role("textbox", name="Question", exact=True)
    expect(question).to_have_value("How do I reset my password?")
    page.get_by_role("textbox", name="Answer", exact=True).fill("Click on Forgot.")
    page.get_by_role("textbox", name="Answer", exact=True).blur()
    button(curator, "Add").click()
    told(curator, "Covered: How do I reset my password?")
    assert dify.texts == [("How do I reset my password?", "Click on Forgot.")]
    page.get_by_text("Covered (1)", exact=True).click()
    told(curator, "Covered: How do I reset my password?")
    # Missed again, the group comes back with what is new.
    button(curator, "Open annotations").click()
    page.get_by_text("Tests", exact=True).click()
    told(curator, "Test cases (2)")
