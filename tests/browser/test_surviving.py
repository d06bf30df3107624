"""The answer goes on in the server, whatever happens to who looks at it; and one question is asked once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.relay import Fault, Relay, response
from tests.site import Site, until
from tests.upstream import CUT, Answer, Gate, Refusal, Upstream

BEGINNING, MIDDLE, END = "The beginning, ", "the middle, ", "and the end."
WHOLE = BEGINNING + MIDDLE + END


class Story:
    """An answer in three parts, told one at a time."""

    def __init__(self, dify: Upstream) -> None:
        self.middle, self.end = Gate(), Gate()
        dify.next(Answer(BEGINNING, self.middle, MIDDLE, self.end, END))

    def goes_on(self) -> None:
        self.middle.open()
        self.end.wait_reached()

    def ends(self) -> None:
        self.end.open()


@pytest.fixture
def story(dify: Upstream) -> Story:
    return Story(dify)


def listening(person: Person) -> None:
    person.ask("Tell me a story")
    person.sees(BEGINNING.strip())


def test_a_reload_in_the_middle(person: Person, dify: Upstream, story: Story) -> None:
    listening(person)
    person.page.reload()
    person.sees(BEGINNING.strip())
    person.sees_state("streaming")
    story.goes_on()
    person.sees("the middle,")
    person.page.reload()
    story.ends()
    person.gets(WHOLE)
    expect(person.turns).to_have_count(1)
    assert len(dify.asked) == 1


def test_another_page_and_back(person: Person, dify: Upstream, story: Story) -> None:
    listening(person)
    person.page.get_by_role("link", name="History").click()
    expect(person.page.get_by_role("heading", name="History")).to_be_visible()
    story.goes_on()
    person.page.get_by_role("link", name="Chat").click()
    person.sees("the middle,")
    person.sees_state("streaming")
    story.ends()
    person.gets(WHOLE)
    expect(person.turns).to_have_count(1)
    assert len(dify.asked) == 1


def test_a_click_on_a_widget_beside_it(person: Person, dify: Upstream, story: Story) -> None:
    """The page's script runs anew, and the answer is none of its business."""
    listening(person)
    person.page.get_by_role("button", name="Settings").click()
    setting = person.page.get_by_role("switch", name="Whole answer at once")
    for wanted in (True, False):
        person.page.get_by_text("Whole answer at once").click()
        expect(setting).to_be_checked(checked=wanted)
    person.sees_state("streaming")
    story.goes_on()
    person.sees("the middle,")
    person.page.get_by_text("Whole answer at once").click()
    expect(setting).to_be_checked()
    story.ends()
    person.gets(WHOLE)
    person.page.get_by_text("Whole answer at once").click()
    expect(setting).not_to_be_checked()
    assert len(dify.asked) == 1
    assert dify.stops == []


def test_the_browsers_back_button(person: Person, dify: Upstream, story: Story) -> None:
    listening(person)
    person.page.goto("about:blank")
    story.goes_on()
    person.page.go_back()
    person.sees("the middle,")
    story.ends()
    person.gets(WHOLE)
    assert len(dify.asked) == 1


def test_a_second_tab_shows_it_live(person: Person, dify: Upstream, story: Story) -> None:
    listening(person)
    with person.another_tab():
        person.sees(BEGINNING.strip())
        person.sees_state("streaming")
        story.goes_on()
        person.sees("the middle,")
        story.ends()
        person.gets(WHOLE)
        person.ask("And then?")
        person.gets("Echo: And then?")
    person.gets(WHOLE, 0)
    person.gets("Echo: And then?", 1)
    assert len(dify.asked) == 2


def test_a_question_from_the_other_tab_waits_for_its_end(
    person: Person, dify: Upstream, story: Story
) -> None:
    listening(person)
    with person.another_tab():
        person.sees(BEGINNING.strip())
        person.composer.fill("me too")
        person.composer.press("Enter")
        expect(person.page.locator("[data-waiting-id]")).to_contain_text("me too")
    expect(person.page.locator("[data-waiting-id]")).to_contain_text("me too")
    assert len(dify.asked) == 1
    story.goes_on()
    story.ends()
    person.gets(WHOLE, 0)
    person.gets("Echo: me too", 1)
    assert len(dify.asked) == 2


def test_ten_seconds_without_network(arrive: Arrive, site: Site, dify: Upstream) -> None:
    """The tab stays open; its websocket and its event stream break, and nothing new gets through."""
    story = Story(dify)
    with Relay(site.port) as network:
        person = arrive(network.url)
        person.chat()
        listening(person)
        person.expects_trouble()
        with network.down():
            story.goes_on()
            expect(person.page.get_by_text("Reconnecting…").last).to_be_visible()
            person.page.wait_for_timeout(10_000)  # what is tested is the time itself
            person.sees_state("streaming")
            expect(person.answer()).to_have_text(BEGINNING.strip())
        person.sees("the middle,")
        expect(person.page.locator(".tr-pill[aria-live]")).to_be_empty()
        story.ends()
        person.gets(WHOLE)
        person.ask("And then?")
        person.gets("Echo: And then?")
        expect(person.turns).to_have_count(2)
        person.leave()
    assert len(dify.asked) == 2


def test_the_browser_knows_that_it_is_offline(person: Person, dify: Upstream, story: Story) -> None:
    listening(person)
    person.expects_trouble()
    person.context.set_offline(True)
    story.goes_on()
    story.ends()
    until(lambda: dify.messages()[0]["answer"], "the end at Dify")
    person.context.set_offline(False)
    person.gets(WHOLE)
    person.ask("And then?")
    person.gets("Echo: And then?")
    expect(person.turns).to_have_count(2)
    assert len(dify.asked) == 2


@pytest.mark.parametrize("path", ["/_stcore/stream", "/live/"])
def test_one_of_its_two_lines_breaks(path: str, arrive: Arrive, site: Site, dify: Upstream) -> None:
    story = Story(dify)
    with Relay(site.port) as network:
        person = arrive(network.url)
        person.chat()
        listening(person)
        person.expects_trouble()
        assert network.cut(path) == 1
        story.goes_on()
        person.sees("the middle,")
        story.ends()
        person.gets(WHOLE)
        person.ask("And then?")
        person.gets("Echo: And then?")
        expect(person.turns).to_have_count(2)
        person.leave()
    assert len(dify.asked) == 2


def test_the_line_breaks_while_the_question_goes_out(arrive: Arrive, site: Site, dify: Upstream) -> None:
    story = Story(dify)
    with Relay(site.port) as network:
        person = arrive(network.url)
        person.chat()
        person.expects_trouble()
        person.composer.fill("Tell me a story")
        person.composer.press("Enter")
        until(lambda: dify.asked, "the question")
        network.cut()
        person.sees(BEGINNING.strip())
        story.goes_on()
        story.ends()
        person.gets(WHOLE)
        expect(person.turns).to_have_count(1)
        person.leave()
    assert len(dify.asked) == 1


def test_the_laptop_is_closed_and_opened_again(person: Person, dify: Upstream, story: Story) -> None:
    listening(person)
    address = person.page.url
    for page in person.context.pages:
        page.close()
    story.goes_on()
    story.ends()
    until(lambda: dify.messages()[0]["answer"], "the end at Dify")
    person.reopen(address)
    person.gets(WHOLE)
    expect(person.turns).to_have_count(1)
    assert len(dify.asked) == 1


def test_the_connection_to_dify_breaks_and_the_answer_is_found_again(person: Person, dify: Upstream) -> None:
    dify.next(Answer(BEGINNING, CUT))
    person.ask("Tell me a story")
    person.sees_state("recovering")
    expect(person.answer()).to_have_text(BEGINNING.strip())
    expect(person.turn()).to_contain_text("Looking for the rest of the answer")
    dify.messages()[0]["answer"] = WHOLE
    person.gets(WHOLE)
    assert len(dify.asked) == 1


def test_the_connection_to_dify_is_reset_half_way(person: Person, dify: Upstream, line: Relay) -> None:
    line.next("/v1/chat-messages", Fault(cut_after=600, reset=True))
    dify.next(Answer(*(f"word{number} " for number in range(200))))
    person.ask("Many words")
    person.sees_state("recovering")
    person.sees_state("complete")
    person.sees("word199")
    assert line.count("POST", "/v1/chat-messages") == 1


def test_where_nobody_listens_nothing_was_sent_and_one_can_retry(
    person: Person, dify: Upstream, line: Relay
) -> None:
    with line.closed():
        person.ask("Hello?")
        person.sees_state("failed")
        expect(person.turn()).to_contain_text("Nothing was sent.")
    assert dify.asked == []
    person.turn().get_by_role("button", name="Retry").click()
    expect(person.turns).to_have_count(2)
    person.gets("Echo: Hello?")
    assert len(dify.asked) == 1


def test_a_server_that_asks_for_a_moment_gets_it(person: Person, dify: Upstream) -> None:
    """A refusal by status has accepted nothing, so the second attempt asks nothing twice."""
    dify.next(Refusal.of(503, "overloaded", "busy", retry_after="1"), Answer("Now then."))
    person.ask("Please")
    person.gets("Now then.")
    assert len(dify.asked) == 2
    expect(person.turns).to_have_count(1)


def test_a_gateway_that_answers_for_dify_gets_no_second_question(
    person: Person, dify: Upstream, line: Relay
) -> None:
    """It may have passed the question on, so the answer is looked for; then one may ask again."""
    line.next(
        "/v1/chat-messages", Fault(answer=response(502, b"<html><h1>Bad gateway</h1><script>1</script>"))
    )
    person.ask("Anybody there?")
    person.sees_state("recovering")
    person.sees_state(re.compile("failed|incomplete"))
    expect(person.turn()).not_to_contain_text("<h1>")
    assert line.count("POST", "/v1/chat-messages") == 1
    person.turn().get_by_role("button", name="Retry").click()
    expect(person.turns).to_have_count(2)
    person.gets("Echo: Anybody there?")
    assert len(dify.asked) == 1


def test_bytes_that_drip_are_shown_as_they_come(person: Person, dify: Upstream, line: Relay) -> None:
    line.next("/v1/chat-messages", Fault(drip=(7, 0.005)))
    dify.next(Answer("漢字 and 👩‍💻, ", "slowly."))
    person.ask("Drip")
    person.gets("漢字 and 👩‍💻, slowly.")


def test_characters_beyond_the_first_plane_are_counted_once(
    arrive: Arrive, site: Site, dify: Upstream
) -> None:
    """The reader counts text that comes without a position: by characters, not by halves of pairs."""
    first, second = Gate(), Gate()
    dify.next(Answer("🧭🧭 ", "one 👩‍👩‍👧 ", first, "𝒙 two ", second, "😀 three"))
    with Relay(site.port) as network:
        person = arrive(network.url)
        person.chat()
        person.ask("Emoji?")
        person.sees("👧")
        person.expects_trouble()
        for gate, text in ((first, "two"), (second, "three")):
            assert network.cut("/live/") == 1
            gate.open()
            person.sees(text)
        person.gets("🧭🧭 one 👩‍👩‍👧 𝒙 two 😀 three")
        person.leave()
