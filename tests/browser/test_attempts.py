"""Attempts of a question, its words edited, the same way anew; forms; copying; the sheet of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.frames import Frames
from tests.relay import Relay
from tests.site import Site, served, until
from tests.unit.test_human_input import FILES, paused, rest_of
from tests.unit.test_question_files import picture
from tests.upstream import Answer, Gate, Refusal, Upstream


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream]]:
    with Upstream() as dify:
        dify.parameters = {}
        with served(tmp_path_factory.mktemp("attempts"), (dify.url, dify.key)) as site:
            yield site, dify


@pytest.fixture
def asking(arrive: Arrive, plain: tuple[Site, Upstream]) -> tuple[Person, Upstream]:
    site, dify = plain
    dify.forget()
    person = arrive(site.url, permissions=["clipboard-read", "clipboard-write"])
    person.chat()
    return person, dify


def test_attempts_of_one_question(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    page = person.page
    dify.next(
        Answer("Zero."), Answer("First."), Refusal.of(400, "completion_request_error", "no"), Answer("Third.")
    )
    person.ask("Before")
    person.gets("Zero.")
    person.ask("Why?")
    person.gets("First.")
    person.turn().get_by_role("button", name="Ask again", exact=True).click()
    asked = page.get_by_role("dialog", name="Ask again")
    expect(asked).to_contain_text("Dify has no branches")
    expect(asked.get_by_role("button", name="Ask again here")).to_be_focused()
    page.keyboard.press("Enter")
    person.sees_state("failed", 2)
    expect(person.turn(1)).to_be_hidden()
    person.turn(2).get_by_role("button", name="Retry").click()
    person.gets("Third.", 3)
    # One of three is seen, and the keyboard changes between them.
    attempts = page.get_by_role("group", name="Attempt")
    expect(attempts).to_have_count(1)
    expect(attempts).to_have_text("3/3")
    attempts.press("ArrowLeft")
    expect(person.turn(2)).to_be_visible()
    expect(attempts).to_be_focused()
    attempts.press("ArrowLeft")
    expect(attempts).to_have_text("1/3")
    expect(person.answer(1)).to_be_visible()
    expect(person.turn(3)).to_be_hidden()
    expect(attempts.get_by_role("button", name="Earlier attempt")).to_be_disabled()
    # After a reload the newest is seen, and the others are still there.
    page.reload()
    expect(attempts).to_have_text("3/3")
    expect(person.turn(3)).to_be_visible()
    attempts.get_by_role("button", name="Earlier attempt").click()
    attempts.get_by_role("button", name="Earlier attempt").click()
    expect(person.answer(1)).to_be_visible()
    # Edited words outlive a reload; sent, they are one more attempt.
    person.turn(1).get_by_role("button", name="Edit the question").click()
    field = page.get_by_role("textbox", name="Your question, in other words")
    expect(field).to_be_focused()
    expect(field).to_have_value("Why?")
    field.fill("Why <b>really</b>?")
    page.reload()
    expect(attempts).to_have_text("3/3")
    attempts.press("ArrowLeft")
    attempts.press("ArrowLeft")
    expect(field).to_have_value("Why <b>really</b>?")
    person.turn(1).get_by_role("button", name="Ask again here").click()
    person.gets("Echo: Why <b>really</b>?", 4)
    expect(attempts).to_have_text("4/4")
    expect(person.question(4)).to_have_text("Why <b>really</b>?")
    assert [a.body["query"] for a in dify.asked] == ["Before", "Why?", "Why?", "Why?", "Why <b>really</b>?"]
    # The same way in a new chat: the question before, then this one in new words.
    here = person.sees_named_address()
    person.turn(4).get_by_role("button", name="Edit the question").click()
    field.fill("How?")
    person.turn(4).get_by_role("button", name="Ask again in a new chat").click()
    person.gets("Echo: How?", 1)
    person.gets("Echo: Before", 0)
    assert person.sees_named_address() != here
    assert [a.body["query"] for a in dify.asked[5:]] == ["Before", "How?"]
    assert len({a.body["conversation_id"] for a in dify.asked}) == 3  # none, the old one, the new one


def test_an_earlier_question_asked_again_stays_where_it_is(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    gate = Gate()
    for question in ("One", "Two"):
        person.ask(question)
        person.sees_state("complete")
    dify.next(Answer("Again", gate))
    person.turn(0).hover()
    person.turn(0).get_by_role("button", name="Ask again", exact=True).click()
    person.page.get_by_role("button", name="Ask again here").click()
    expect(person.turns).to_have_count(3)
    gate.wait_reached()
    # While it is written nothing else can be asked here.
    person.turn(1).hover()
    person.turn(1).get_by_role("button", name="Ask again", exact=True).click()
    expect(person.page.get_by_role("button", name="Ask again here")).to_be_disabled()
    gate.open()
    person.gets("Again")
    expect(person.turn(0)).to_be_visible()
    attempts = person.page.get_by_role("group", name="Attempt")
    expect(attempts).to_have_text(["1/2", "2/2"])
    attempts.nth(1).press("ArrowLeft")
    expect(attempts.nth(0)).to_be_focused()


def test_a_form_in_the_transcript(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    frames = Frames()
    dify.next(paused(frames, **FILES))
    person.ask("Approve this")
    form = person.page.get_by_role("form", name="Ask a human")
    expect(form).to_contain_text("Please approve.")
    comment = form.get_by_role("textbox", name="comment")
    expect(comment).to_have_value("fine")
    comment.fill("go on")
    scan, notes = form.get_by_role("group", name="scan"), form.get_by_role("group", name="notes")
    scan.locator("input").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(scan.get_by_role("listitem")).to_contain_text(re.compile(r"a\.png.*\d"))
    person.expects_trouble()  # a file that does not do is a 422
    small = [{"name": f"{n}", "mimeType": "text/plain", "buffer": b"hi"} for n in ("a.txt", "b.exe")]
    notes.locator("input").set_input_files(small)  # type: ignore[arg-type]
    expect(notes.get_by_role("listitem").first).to_contain_text("2 byte")
    expect(notes.get_by_role("alert")).to_have_text("This field does not take files of this kind.")
    form.get_by_role("button", name="Approve").click()
    expect(form).to_contain_text("A file could not go.")
    notes.get_by_role("button", name="Remove: b.exe").click()
    row = dify.messages()[-1]
    row.update(status="paused", answer="Before. ")
    # While it waits, one can go on asking; and what was typed outlives a reload.
    person.ask("Meanwhile")
    person.gets("Echo: Meanwhile")
    person.page.reload()
    expect(comment).to_have_value("go on")
    expect(scan.get_by_role("listitem")).to_contain_text("a.png")
    dify.fail("form", Refusal.of(400, "invalid_form_data", "Missing required inputs: x"))
    form.get_by_role("button", name="Approve").click()
    expect(form.get_by_role("alert")).to_contain_text("The app does not take this.")
    expect(comment).to_have_value("go on")
    dify.fail("form")
    gate = Gate()
    dify.rest[frames.run_id] = (gate, *rest_of(frames))
    form.get_by_role("button", name="Approve").click()
    person.sees_state("streaming", 0)
    expect(form).to_have_count(0)
    gate.open()
    person.gets("Before. Approved.", 0)
    expect(person.turn(0)).to_contain_text("Ask a human: Approve")
    ((token, body),) = dify.submitted
    assert (token, body["inputs"]["comment"], body["action"]) == ("token-1", "go on", "approve")
    assert body["inputs"]["scan"]["upload_file_id"] == dify.uploads[0].id
    assert [each["upload_file_id"] for each in body["inputs"]["notes"]] == [dify.uploads[1].id]


def test_copying_and_the_sheet_of_keys(asking: tuple[Person, Upstream]) -> None:
    person, dify = asking
    page = person.page
    dify.next(Answer("Some **bold** words:\n\n1. one\n2. two\n\n```py\nx = 1\n```\n"))
    person.ask("Copy me")
    person.sees_state("complete")
    person.turn().get_by_role("button", name="Copy as…").click()
    menu = page.get_by_role("dialog", name="Copy as…")
    expect(menu.get_by_role("button", name="Markdown")).to_be_focused()
    menu.get_by_role("button", name="Plain text").click()
    expect(menu).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == ["Some", "bold", "words:", "1.", "one", "2.", "two", "x", "=", "1"]
    # A question mark that is typed is a question mark.
    person.composer.press("?")
    expect(person.composer).to_have_value("?")
    person.turn().get_by_role("button", name="Details").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_contain_text("send the question")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    person.open("/history")
    expect(page.get_by_role("heading", name="History")).to_be_visible()

    def asked() -> bool:
        page.locator("body").press("?")  # somebody presses again while the page still loads
        return sheet.is_visible()

    until(asked, "the sheet of keys")


def test_edited_words_that_could_not_go_out_are_there_again(
    arrive: Arrive, plain: tuple[Site, Upstream]
) -> None:
    site, dify = plain
    dify.forget()
    with Relay(site.port) as network:
        person = arrive(network.url)
        person.chat()
        person.ask("Why?")
        person.gets("Echo: Why?")
        person.expects_trouble()
        edit = person.turn().get_by_role("button", name="Edit the question")
        field = person.page.get_by_role("textbox", name="Your question, in other words")
        edit.click()
        field.fill("Why, at length?")
        with network.down():
            expect(person.page.get_by_text("Reconnecting…").last).to_be_visible()
            person.page.get_by_role("button", name="Ask again here").click()
            expect(field).to_have_count(0)
        expect(person.page.locator(".tr-pill[aria-live]")).to_be_empty()
        expect(person.composer).to_be_enabled()
        edit.click()
        expect(field).to_have_value("Why, at length?")
        person.page.get_by_role("button", name="Ask again here").click()
        person.gets("Echo: Why, at length?")
        assert "at length" not in person.page.evaluate("JSON.stringify({...sessionStorage})")
        person.leave()
    assert [asked.body["query"] for asked in dify.asked] == ["Why?", "Why, at length?"]
