"""What a reader does with an answer that is there: rate it, say why, go on with a suggested question."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served, until
from tests.upstream import Answer, Gate, Refusal, Upstream, row

APP = {"suggested_questions_after_answer": {"enabled": True}, "suggested_questions": ["What can you do?"]}


@pytest.fixture(scope="module")
def suggesting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream]]:
    with Upstream() as dify:
        dify.parameters = APP
        with served(tmp_path_factory.mktemp("after"), (dify.url, dify.key)) as site:
            yield site, dify


@pytest.fixture
def asking(arrive: Arrive, suggesting: tuple[Site, Upstream]) -> tuple[Person, Upstream]:
    site, dify = suggesting
    dify.forget()
    person = arrive(site.url)
    person.chat()
    return person, dify


def test_questions_that_may_follow(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking

    def asked() -> list[str]:
        return [path for _, path, _ in dify.requests if path.endswith("/suggested")]

    dify.suggested = ["And <b>then</b>?", "Why?"]
    person.ask("First")
    person.sees_state("complete")
    group = person.log.get_by_role("group", name="Suggested questions")
    expect(group.get_by_role("button")).to_have_text(["And <b>then</b>?", "Why?"])
    person.page.reload()
    expect(group.get_by_role("button")).to_have_count(2)
    gate = Gate()
    dify.next(Answer("Because.", gate))
    dify.suggested = []
    group.get_by_role("button", name="Why?").click()
    expect(person.turns).to_have_count(2)
    expect(group).to_have_count(0)
    gate.open()
    person.gets("Because.")
    until(lambda: len(asked()) == 2, "both answers' suggestions are asked for")
    expect(group).to_have_count(0)
    assert len(asked()) == len(set(asked())) == 2


def test_an_app_that_does_not_say_holds_nobody_up(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    dify.fail("suggested", Refusal(500, "<html>no</html>"), Refusal(500, "<html>no</html>"))
    person.ask("First")
    person.sees_state("complete")
    person.ask("Second")
    person.gets("Echo: Second")
    expect(person.log.get_by_role("group", name="Suggested questions")).to_have_count(0)


def test_a_rating_with_its_reason_is_given_changed_and_taken_back(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    person.ask("Rate me")
    person.sees_state("complete")
    good, bad = (person.turn().get_by_role("button", name=name) for name in ("Good answer", "Bad answer"))
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    why = person.page.get_by_role("dialog", name="What was good?")
    why.get_by_role("textbox").fill("short <b>&</b> clear")
    why.get_by_role("button", name="Save").click()
    expect(why).to_have_count(0)
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    person.page.keyboard.press("Escape")
    expect(bad).to_be_focused()
    (message,) = dify.messages()
    assert [(given["rating"], given["content"]) for given in dify.ratings[message["id"]]] == [
        ("like", ""),
        ("like", "short <b>&</b> clear"),
        ("dislike", ""),
    ]
    bad.click()
    why = person.page.get_by_role("dialog", name="What went wrong?")
    why.get_by_role("textbox").fill("it was wrong")
    why.get_by_role("textbox").press("Control+Enter")
    expect(why).to_have_count(0)
    person.page.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(why.get_by_role("textbox")).to_have_value("it was wrong")
    why.get_by_role("button", name="Take the rating back").click()
    expect(bad).to_have_attribute("aria-pressed", "false")
    with person.another_tab():
        expect(bad).to_have_attribute("aria-pressed", "false")
    assert dify.ratings[message["id"]][-1]["rating"] is None


def test_a_rating_that_cannot_be_saved_is_not_shown_as_given(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    person.ask("Rate me")
    person.sees_state("complete")
    dify.fail("feedbacks", Refusal.of(500, "unknown", "no"))
    person.expects_trouble()
    good = person.turn().get_by_role("button", name="Good answer")
    good.click()
    expect(person.turn().get_by_role("alert")).to_have_text("The rating could not be saved. Try again.")
    expect(good).to_have_attribute("aria-pressed", "false")
    why = person.page.get_by_role("dialog", name="What was good?")
    why.get_by_role("textbox").fill("all of it, and at length")
    why.get_by_role("button", name="Save").click()
    expect(why).to_have_count(0)
    expect(good).to_have_attribute("aria-pressed", "false")
    dify.fail("feedbacks")  # it is well again
    person.page.reload()
    good.click()
    expect(why.get_by_role("textbox")).to_have_value("all of it, and at length")
    why.get_by_role("button", name="Save").click()
    expect(why).to_have_count(0)
    (message,) = dify.messages()
    assert dify.ratings[message["id"]][-1]["content"] == "all of it, and at length"
    assert "at length" not in person.page.evaluate("JSON.stringify({...localStorage})")


def test_an_answer_of_an_older_page_is_rated(arrive: Arrive, suggesting: tuple[Site, Upstream]) -> None:
    site, dify = suggesting
    dify.forget()
    rows = [row(f"Q{n}", f"A{n}", created_at=1_790_000_000 + n) for n in range(25)]
    kept = dify.keep(*rows)
    person = arrive(site.url)
    person.chat(f"/?c={kept.id}")
    person.page.get_by_role("button", name="Load older messages").press("Enter")
    expect(person.turns).to_have_count(25)
    good = person.turn(0).get_by_role("button", name="Good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    assert dify.ratings[rows[0]["id"]][0]["rating"] == "like"
