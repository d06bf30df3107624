"""An app that lets one wait: asked to come back later, gone, or answering in one piece."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.upstream import Answer, Asked, Gate, Refusal, Upstream, row

BUSY = Refusal.of(429, "too_many_requests", "Too many requests.", retry_after="2")


def test_the_page_counts_down_to_the_second_attempt(person: Person, dify: Upstream) -> None:
    dify.next(BUSY, Answer("at last"))
    person.ask("When there is time")
    expect(person.turn()).to_contain_text(re.compile(r"Trying again in [12] s…"))
    person.gets("at last")
    assert [asked.body["query"] for asked in dify.asked] == ["When there is time"] * 2


def test_waiting_can_be_called_off(person: Person, dify: Upstream) -> None:
    dify.next(Refusal.of(429, "too_many_requests", "Too many requests.", retry_after="25"))
    person.ask("When there is time")
    expect(person.turn()).to_contain_text(re.compile(r"Trying again in 2\d s…"))
    person.page.reload()
    expect(person.turn()).to_contain_text(re.compile(r"Trying again in \d+ s…"))
    person.stop.click()
    person.sees_state("stopped")
    expect(person.question()).to_have_text("When there is time")
    assert len(dify.asked) == 1


def test_too_long_a_wait_is_the_persons_choice(person: Person, dify: Upstream) -> None:
    dify.next(Refusal.of(429, "too_many_requests", "Too many requests.", retry_after="3600"), Answer("later"))
    person.ask("Now?")
    expect(person.turn().get_by_role("alert")).to_contain_text("The app is busy with other questions.")
    person.page.get_by_role("button", name="Retry").click()
    person.gets("later")


def test_a_question_into_a_deleted_conversation_goes_on_in_a_new_one(person: Person, dify: Upstream) -> None:
    person.ask("Before")
    person.sees_state("complete")
    gone = person.sees_named_address()
    dify.next(Refusal.of(404, "not_found", "Conversation Not Exists."), Answer("here we are"))
    person.ask("A long question that nobody wants to type twice")
    expect(person.turn().get_by_role("alert")).to_contain_text("Dify no longer has this conversation.")
    person.page.get_by_role("button", name="Ask in a new chat").click()
    expect(person.turns).to_have_count(1)
    person.gets("here we are")
    expect(person.question()).to_have_text("A long question that nobody wants to type twice")
    assert person.sees_named_address() != gone
    assert [asked.body["conversation_id"] for asked in dify.asked] == ["", gone, ""]


@pytest.fixture
def patient(person: Person) -> Person:
    """Wants whole answers."""
    person.page.get_by_role("button", name="Settings").click()
    person.page.get_by_text("Whole answer at once").click()
    expect(person.page.get_by_role("switch", name="Whole answer at once")).to_be_checked()
    person.page.keyboard.press("Escape")
    return person


def test_a_whole_answer_comes_at_once(patient: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("**all** of it", gate))
    patient.ask("In one piece, please")
    expect(patient.turn()).to_contain_text("Stop ends the waiting here, while the app goes on")
    patient.page.reload()
    expect(patient.turn()).to_contain_text("asked for its whole answer at once")
    gate.open()
    patient.gets("all of it")
    assert [asked.body["response_mode"] for asked in dify.asked] == ["blocking"]


def test_stop_of_a_whole_answer_ends_the_waiting_only(patient: Person, dify: Upstream) -> None:
    gate = Gate()
    dify.next(Answer("all of it", gate), Answer("the next"))
    patient.ask("In one piece, please")
    gate.wait_reached()
    patient.stop.click()
    patient.sees_state("stopped")
    gate.open()
    patient.ask("And now?")
    patient.gets("the next")
    assert dify.stops == []


def test_a_gateway_loses_its_patience(patient: Person, dify: Upstream) -> None:
    """The app has the question and answers it; what the person gets comes from its history."""

    def script(asked: Asked) -> Refusal:
        dify.keep(row(asked.body["query"], "found in the end"), user=asked.body["user"])
        return Refusal(504, "<html><body>504 Gateway Time-out</body></html>")

    dify.next(script)
    patient.ask("In one piece, please")
    patient.gets("found in the end")
    assert "Gateway" not in patient.log.inner_text()
    assert len(dify.asked) == 1
