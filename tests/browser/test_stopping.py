"""Stop ends an answer at once, keeps what came, and Dify is told."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.relay import Fault, Relay
from tests.site import until
from tests.upstream import Answer, Gate, Refusal, Upstream


def test_stop_keeps_what_came_however_it_is_pressed(person: Person, dify: Upstream) -> None:
    def on_the_page() -> None:
        person.page.locator("h1").click()
        person.page.keyboard.press("Escape")

    ways = {
        "button": lambda: person.stop.click(),
        "Esc in the composer": lambda: person.composer.press("Escape"),
        "Esc on the page": on_the_page,
        "Enter on the button": lambda: person.stop.press("Enter"),
    }
    for number, (how, press) in enumerate(ways.items(), 1):
        dify.next(Answer(f"{how}: this much came", Gate(), " and this did not."))
        person.ask(how)
        person.sees("this much came")
        press()
        person.sees_state("stopped")
        expect(person.answer()).to_have_text(f"{how}: this much came")
        expect(person.stop).to_be_hidden()
        until(lambda number=number: len(dify.stops) == number, "the stop at Dify")
    person.page.reload()
    for index, how in enumerate(ways):
        person.sees_state("stopped", index)
        expect(person.answer(index)).to_have_text(f"{how}: this much came")
    assert [user for _, user in dify.stops] == [asked.body["user"] for asked in dify.asked]
    assert all(task for task, _ in dify.stops)


def test_stop_and_the_end_at_the_same_moment(person: Person, dify: Upstream) -> None:
    """Whoever comes first, it is over, once, and stays so."""
    outcomes = []
    for pause in (0.0, 0.003, 0.006, 0.012):
        gate = Gate()
        dify.next(Answer("All of it", gate, pause))
        person.ask(f"With {pause} s between")
        person.sees("All of it")
        gate.open()
        person.page.keyboard.press("Escape")
        person.sees_state(re.compile("^(complete|stopped)$"))
        expect(person.stop).to_be_hidden()
        expect(person.answer()).to_have_text("All of it")
        outcomes.append(person.turn().get_attribute("data-state"))
    person.page.reload()
    for index, state in enumerate(outcomes):
        person.sees_state(str(state), index)
    assert len(dify.stops) == outcomes.count("stopped")
    assert len(dify.asked) == len(outcomes)


def test_stop_before_the_first_word(person: Person, dify: Upstream) -> None:
    silent = Gate()
    dify.next(Answer(silent, "Too late"))
    person.ask("Wait")
    person.sees_state("waiting")
    silent.wait_reached()
    person.stop.click()
    person.sees_state("stopped")
    assert dify.stops == []  # nobody knows the task id yet
    silent.open()
    until(lambda: dify.stops, "the stop at Dify")
    person.ask("next")
    person.gets("Echo: next")
    person.page.reload()
    person.gets("Echo: next")
    person.sees_state("stopped", 0)
    expect(person.turns).to_have_count(2)


def test_stop_before_dify_has_answered_at_all(person: Person, dify: Upstream, line: Relay) -> None:
    line.next("/v1/chat-messages", Fault(delay=3))
    person.ask("Wait")
    person.stop.click()
    person.sees_state("stopped")
    until(lambda: dify.stops, "the stop at Dify")
    assert len(dify.asked) == 1


def test_stop_works_here_even_where_dify_refuses_it(person: Person, dify: Upstream) -> None:
    for number, status in enumerate((404, 500), 1):
        gate = Gate()
        dify.fail("stop", Refusal.of(status, "broken", "no such task"))
        dify.next(Answer(f"So far {status}", gate, " so good.", stoppable=False))
        person.ask("Talk")
        person.sees(f"So far {status}")
        person.stop.click()
        person.sees_state("stopped")
        until(lambda number=number: len(dify.stops) == number, "the stop at Dify")
        gate.open()
    person.page.reload()
    for index, status in enumerate((404, 500)):
        person.sees_state("stopped", index)
        # Whether Dify has the rest by now is its own affair; what one has seen is not lost.
        expect(person.answer(index)).to_contain_text(f"So far {status}")


def test_after_a_stop_one_can_ask_at_once(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Never ", gate, "ending", stoppable=False))
    person.ask("first")
    person.sees("Never")
    person.stop.click()
    person.sees_state("stopped")
    person.ask("second")
    person.gets("Echo: second")
    gate.open()
    assert dify.asked[1].body["conversation_id"] == dify.messages()[0]["conversation_id"]


def test_a_stop_sends_nothing_that_waits(person: Person, dify: Upstream) -> None:
    dify.next(Answer("Still ", Gate()))
    person.ask("first")
    person.sees("Still")
    waiting = person.page.locator("[data-waiting-id]")
    for number, text in enumerate(("second", "third"), 1):
        person.composer.fill(text)
        person.composer.press("Enter")
        expect(waiting).to_have_count(number)
    person.stop.click()
    person.sees_state("stopped")
    line = person.page.get_by_role("group", name="Waiting question")
    expect(line).to_contain_text("Stopped: 2 questions wait.")
    expect(person.turns).to_have_count(1)
    line.get_by_role("button", name="Take them back").click()
    expect(person.composer).to_have_value("second\n\nthird")
    expect(waiting).to_have_count(0)
    assert [asked.body["query"] for asked in dify.asked] == ["first"]


def test_a_stop_in_one_tab_is_seen_in_the_other(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Both see ", gate, "this"))
    person.ask("Talk")
    person.sees("Both see")
    with person.another_tab():
        person.sees("Both see")
        person.stop.click()
        person.sees_state("stopped")
    person.sees_state("stopped")
    expect(person.stop).to_be_hidden()


def test_a_stop_that_does_not_reach_the_site_says_so(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("On and ", gate, "on."))
    person.ask("Talk")
    person.sees("On and")
    person.expects_trouble()
    person.page.route("**/stop/*", lambda route: route.abort())
    person.stop.click()
    expect(person.page.get_by_role("alert").filter(has_text="Stopping did not work")).to_be_visible()
    person.page.unroute("**/stop/*")
    person.stop.click()
    person.sees_state("stopped")


def test_escape_closes_what_is_open_before_it_stops(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Long ", gate, "answer."))
    person.ask("Talk")
    person.sees("Long")
    person.page.get_by_role("button", name="Keyboard").click()
    expect(person.page.get_by_text("stop the running answer")).to_be_visible()
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_text("stop the running answer")).to_be_hidden()
    person.sees_state("streaming")
    gate.open()
    person.gets("Long answer.")
    assert dify.stops == []


def test_a_chatflow_that_was_stopped_is_no_failure(person: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("Flowing", gate, " on", flow=True))
    person.ask("Talk")
    person.sees("Flowing")
    person.stop.click()
    person.sees_state("stopped")
    until(lambda: dify.messages()[0]["status"] == "error", "the end at Dify")
    person.page.reload()
    person.sees_state("stopped")
    expect(person.answer()).to_have_text("Flowing")
