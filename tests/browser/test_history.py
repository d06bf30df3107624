"""A conversation has an address; opening it shows it again, drawn as it was when it was live."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, until
from tests.upstream import HANG, Answer, Refusal, Upstream, row

NOON = 1_763_636_400
"""20 November 2025, 12:00 in Berlin."""


def kept(dify: Upstream, count: int) -> str:
    """A conversation of so many messages, a minute apart; its id."""
    rows = [row(f"Question {n}", f"Answer {n}", created_at=NOON + 60 * n) for n in range(count)]
    return dify.keep(*rows).id


def sees_questions(person: Person, *questions: str) -> None:
    """Exactly these, from above to below; those far off the screen are drawn a moment later."""
    expect(person.page.locator("[data-turn-id] .tr-bubble")).to_have_text(questions)


def test_the_address_names_the_conversation_and_opens_it(person: Person, dify: Upstream) -> None:
    before = person.page.url
    assert "c=~" in before
    person.ask("first")
    person.gets("Echo: first")
    conversation = person.sees_named_address()
    assert conversation == dify.messages()[0]["conversation_id"]
    person.ask("second")
    person.gets("Echo: second")
    with person.another_tab(f"/?c={conversation}"):
        person.gets("Echo: second")
        sees_questions(person, "first", "second")
        person.ask("third")
        person.gets("Echo: third")
    person.gets("Echo: third")
    person.reopen(before)  # the address it had before Dify named it goes on opening it
    person.gets("Echo: third")
    sees_questions(person, "first", "second", "third")
    assert [asked.body.get("conversation_id") or "" for asked in dify.asked] == [
        "",
        conversation,
        conversation,
    ]


def test_live_and_again_it_is_drawn_alike(person: Person, dify: Upstream) -> None:
    dify.next(
        Answer(
            "# Head\n\n- one\n- *two*\n\n|a|b|\n|-|-|\n|1|2|\n\n```python\nprint(1)\n```\n\nThe end: $x^2$"
        )
    )
    person.ask("Draw")
    person.sees_state("complete")
    person.sees("The end:")
    drawn = person.answer().evaluate("e => e.innerHTML")
    person.reopen(person.home + f"/?c={person.sees_named_address()}")
    person.sees("The end:")
    expect(person.answer()).to_have_js_property("innerHTML", drawn)


def test_many_messages_come_page_by_page_oldest_above(arrive: Arrive, site: Site, dify: Upstream) -> None:
    conversation = kept(dify, 75)
    person = arrive(site.url)
    person.chat(f"/?c={conversation}")
    expect(person.turns).to_have_count(20)
    sees_questions(person, *(f"Question {n}" for n in range(55, 75)))
    expect(person.answer()).to_be_in_viewport()
    expect(person.log.get_by_text("Hello friend")).to_be_hidden()
    older = person.page.get_by_role("button", name="Load older messages")
    older.press("Enter")
    expect(person.turns).to_have_count(70)
    older.press("Enter")
    expect(person.turns).to_have_count(75)
    expect(older).to_be_hidden()
    sees_questions(person, *(f"Question {n}" for n in range(75)))
    expect(person.log.get_by_text("Hello friend")).to_have_count(1)
    person.ask("Question 75")
    person.gets("Echo: Question 75")
    sees_questions(person, *(f"Question {n}" for n in range(76)))
    person.turn(0).get_by_role("button", name="Details").click()
    expect(person.page.get_by_role("dialog", name="Details")).to_contain_text(dify.messages()[0]["id"])


def test_the_order_is_that_of_time_whatever_the_server_sends(
    arrive: Arrive, site: Site, dify: Upstream
) -> None:
    rows = [row(f"Question {n}", f"Answer {n}", created_at=NOON + n) for n in (3, 1, 4, 0, 2)]
    conversation = dify.keep(*rows)
    dify.fail("messages", Refusal(200, {"limit": 20, "has_more": False, "data": conversation.rows}))
    person = arrive(site.url)
    person.chat(f"/?c={conversation.id}")
    expect(person.turns).to_have_count(5)
    sees_questions(person, *(f"Question {n}" for n in range(5)))


def test_times_are_those_of_the_reader(arrive: Arrive, site: Site, dify: Upstream) -> None:
    conversation = kept(dify, 1)
    person = arrive(site.url, timezone_id="Asia/Tokyo")
    person.chat(f"/?c={conversation}")
    asked = person.turn().locator("time").first
    expect(asked).to_have_text("20 Nov 2025, 20:00")
    expect(asked).to_have_attribute("datetime", "2025-11-20T11:00:00.000Z")
    expect(asked).to_have_attribute("title", re.compile(r"Thursday.*20:00:00"))
    before = time.time()
    person.ask("now")
    person.gets("Echo: now")
    times = person.turn().locator("time").evaluate_all("all => all.map(e => Date.parse(e.dateTime) / 1000)")
    assert len(times) == 2
    assert before - 1 <= times[0] <= times[1] <= time.time() + 1


def test_back_leaves_the_site_from_its_first_page_and_goes_from_one_conversation_to_another(
    arrive: Arrive, site: Site, dify: Upstream
) -> None:
    person = arrive(site.url)
    page = person.open("/")
    person.ready()
    page.go_back()
    expect(page).to_have_url("about:blank")
    page.go_forward()
    person.ready()
    person.ask("first of all")
    person.gets("Echo: first of all")
    first = person.sees_named_address()
    page.get_by_role("button", name="New chat").click()
    expect(person.turns).to_have_count(0)
    person.ask("second of all")
    person.gets("Echo: second of all")
    second = person.sees_named_address()
    page.get_by_role("button", name="first of all").click()
    person.gets("Echo: first of all")
    page.go_back()
    person.gets("Echo: second of all")
    assert person.conversation_id == second
    page.go_forward()
    person.gets("Echo: first of all")
    assert person.conversation_id == first


def test_details_copies_the_ids(arrive: Arrive, site: Site, dify: Upstream) -> None:
    person = arrive(site.url, permissions=["clipboard-read", "clipboard-write"])
    person.chat()
    person.ask("Details, please")
    person.gets("Echo: Details, please")
    message = dify.messages()[0]
    person.turn().get_by_role("button", name="Details").click()
    details = person.page.get_by_role("dialog", name="Details")
    for name, value in {"Message ID": message["id"], "Conversation ID": message["conversation_id"]}.items():
        details.get_by_role("button", name=f"Copy {name}").click()
        until(lambda value=value: person.copied() == value, f"{name} in the clipboard")
    details.get_by_role("button", name="Copy Task ID").click()
    until(lambda: re.fullmatch("[0-9a-f-]{36}", person.copied()), "the task's id in the clipboard")
    person.page.keyboard.press("Escape")
    expect(details).to_be_hidden()


@pytest.mark.parametrize(
    ("known", "state", "words"),
    [
        ({"status": "error", "error": "The model exploded"}, "failed", "The model exploded"),
        ({"status": "error", "error": "Half-way", "answer": "It began"}, "failed", "Half-way"),
        ({"answer": ""}, "incomplete", "The app kept no answer to this question."),
    ],
)
def test_an_answer_that_never_was_says_so_and_can_be_had(
    known: dict[str, Any], state: str, words: str, arrive: Arrive, site: Site, dify: Upstream
) -> None:
    conversation = dify.keep({**row("Old question", ""), **known})
    person = arrive(site.url)
    person.chat(f"/?c={conversation.id}")
    person.sees_state(state)
    expect(person.turn()).to_contain_text(words)
    person.turn().get_by_role("button", name="Retry").click()
    expect(person.turns).to_have_count(2)
    person.gets("Echo: Old question")
    assert dify.asked[0].body["conversation_id"] == conversation.id


def test_history_that_cannot_be_read_says_so(arrive: Arrive, site: Site, dify: Upstream) -> None:
    conversation = kept(dify, 3)
    dify.fail("messages", Refusal.of(500, "internal_server_error", "broken"))
    person = arrive(site.url)
    person.chat(f"/?c={conversation}")
    expect(person.page.locator(".tr-notice")).to_be_visible()
    dify.fail("messages")
    person.ask("Does this work?")
    person.gets("Echo: Does this work?")
    assert dify.asked[0].body["conversation_id"] == conversation


def test_history_that_takes_for_ever_does_not_hide_what_is_known(person: Person, dify: Upstream) -> None:
    person.ask("known here")
    person.gets("Echo: known here")
    person.sees_named_address()
    dify.fail("messages", HANG)
    person.page.wait_for_timeout(5_500)  # what was just read is not read again
    person.page.reload()
    person.gets("Echo: known here")


@pytest.mark.parametrize(
    "address", ["00000000-0000-4000-8000-000000000000", "no-such-thing", "~short", "~" + "k" * 16]
)
def test_an_address_that_leads_nowhere(address: str, arrive: Arrive, site: Site, dify: Upstream) -> None:
    person = arrive(site.url)
    page = person.open(f"/?c={address}")
    if address.startswith("~k"):  # a key that nobody holds begins a new conversation
        person.ready()
        return
    missing = page.get_by_text(re.compile("does not exist|no longer has this conversation"))
    expect(missing).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page).to_have_url(re.compile("c=~"))
    expect(missing).to_be_hidden()
    person.ready()
    person.ask("elsewhere")
    person.gets("Echo: elsewhere")


def test_the_list_shows_a_new_conversation_and_its_title(person: Person, dify: Upstream) -> None:
    person.ask("A question with a rather long text")
    person.gets("Echo: A question with a rather long text")
    sidebar = person.page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("button", name="A question with a").first).to_be_visible()
    next(iter(dify.dialogues.values())).name = "Title from Dify"
    expect(sidebar.get_by_role("button", name="Title from Dify", exact=True)).to_be_visible()
    person.page.get_by_role("link", name="History").click()
    person.page.get_by_role("main").get_by_role("button", name="Title from Dify", exact=True).click()
    person.gets("Echo: A question with a rather long text")
