"""Hearing answers: along with the words, on demand, and what is said where nothing is to be heard."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served, until
from tests.unit.transcripts import body
from tests.upstream import CUT, Answer, Gate, Refusal, Upstream

MP3 = body("91_tts_text")
SOUNDS = re.compile("playing|loading")
WITHOUT_A_HAND = """(() => {
    let pressed = false;
    addEventListener("pointerdown", () => (pressed = true), true);
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
        return pressed ? play.call(this) : Promise.reject(new DOMException("", "NotAllowedError"));
    };
})()"""
"""A browser that wants a click before anything sounds; the real one takes Playwright's looks for clicks."""


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream]]:
    with Upstream() as dify:
        dify.parameters = {
            "text_to_speech": {"enabled": True, "autoPlay": "enabled", "voice": "alloy"},
        }
        with served(tmp_path_factory.mktemp("speech"), (dify.url, dify.key)) as site:
            yield site, dify


@pytest.fixture
def hearing(arrive: Arrive, speaking: tuple[Site, Upstream]) -> tuple[Person, Upstream]:
    site, dify = speaking
    dify.forget()
    dify.fail("text-to-audio")
    dify.speech, dify.speech_type = (MP3,), "audio/mpeg"
    person = arrive(site.url)
    person.chat()
    return person, dify


def player(page: Page) -> Locator:
    return page.get_by_role("group", name="Speech")


def state(person: Person, wanted: str | re.Pattern[str]) -> None:
    expect(player(person.page)).to_have_attribute("data-player", wanted)


def spoken(*rest: object) -> Answer:
    half = len(MP3) // 2
    first, second = (lambda f: f.speech(MP3[:half])), (lambda f: f.speech(MP3[half:]))
    return Answer("It speaks", first, *rest, ".", second, lambda f: f.message_end(), end=False)


def test_an_answer_is_heard_while_it_is_written(hearing: tuple[Person, Upstream]) -> None:
    person, dify = hearing
    gate = Gate()
    dify.next(spoken(gate))
    person.ask("Speak")
    gate.wait_reached()
    state(person, SOUNDS)
    bar = player(person.page)
    bar.get_by_role("button", name="Pause").click()
    state(person, "paused")
    person.sees_state("streaming")
    bar.get_by_label("Speed").select_option("2×")
    # The page runs again beside it, and the voice stays where it was.
    person.page.get_by_role("button", name="Settings").click()
    switch = person.page.get_by_role("switch", name="Whole answer at once")
    for on in (True, False):
        person.page.get_by_text("Whole answer at once").click()
        expect(switch).to_be_checked(checked=on)
    person.page.keyboard.press("Escape")
    state(person, "paused")
    bar.get_by_role("button", name="Play").click()
    gate.open()
    state(person, "ended")
    person.gets("It speaks.")
    assert dify.spoken == []
    # Once per message, and the speed is remembered.
    person.page.reload()
    person.gets("It speaks.")
    expect(bar).to_have_count(0)
    person.turn().get_by_role("button", name="Read aloud").click()
    state(person, SOUNDS)
    expect(bar.get_by_label("Speed")).to_have_value("2")
    with person.page.expect_download() as saved:
        bar.get_by_role("link", name="Download the speech").click()
    assert saved.value.path().read_bytes() == MP3
    # It was cut off without tts_message_end, so all of it was asked for: once.
    assert [asked.get("voice") for asked in dify.spoken] == [None]
    bar.get_by_role("button", name="Voice options").click()
    wishes = person.page.get_by_role("dialog", name="Voice options")
    expect(wishes.get_by_role("textbox", name="Voice")).to_have_attribute("placeholder", "alloy")
    wishes.get_by_role("textbox", name="Voice").fill("nova")
    wishes.get_by_role("checkbox", name="Read new answers aloud").uncheck()
    person.page.keyboard.press("Escape")
    bar.get_by_role("button", name="Stop reading aloud").click()
    expect(bar).to_have_count(0)
    dify.next(spoken())
    person.ask("Silence, please")
    person.sees_state("complete")
    expect(bar).to_have_count(0)
    person.turn().get_by_role("button", name="Read aloud").click()
    until(lambda: [asked.get("voice") for asked in dify.spoken] == [None, "nova"])


def test_one_voice_at_a_time(hearing: tuple[Person, Upstream]) -> None:
    person, dify = hearing
    gates = [Gate(), Gate()]
    for gate in gates:
        dify.next(spoken(gate))
    person.ask("One")
    gates[0].wait_reached()
    state(person, SOUNDS)
    gates[0].open()
    person.sees_state("complete")
    person.turn(0).get_by_role("button", name="Read aloud").click()
    person.ask("Two")
    gates[1].wait_reached()
    expect(person.turn(1).locator(".tr-speech-bar")).to_have_count(1)
    expect(player(person.page)).to_have_count(1)
    first = person.page
    with person.another_tab():
        person.turn(0).get_by_role("button", name="Read aloud").click()
        state(person, re.compile("playing|loading|ended"))
        expect(player(first)).to_have_attribute("data-player", "paused")
    person.stop.click()  # to stop an answer stops what is heard of it
    person.sees_state("stopped")
    expect(player(person.page)).to_have_count(0)
    gates[1].open()


def test_a_browser_that_lets_nothing_speak_by_itself(hearing: tuple[Person, Upstream]) -> None:
    person, dify = hearing
    person.context.add_init_script(WITHOUT_A_HAND)
    person.chat()
    gate = Gate()
    dify.next(spoken(gate))
    person.ask("Speak")
    gate.wait_reached()
    state(person, "blocked")
    expect(player(person.page)).to_contain_text("press Play to listen")
    player(person.page).get_by_role("button", name="Play").click()
    state(person, SOUNDS)
    gate.open()
    state(person, "ended")
    person.gets("It speaks.")


def test_what_cannot_be_heard_leaves_the_words_alone(hearing: tuple[Person, Upstream]) -> None:
    """Row 36 of the fault matrix: a sentence says what happened, the words are there, the button stays."""
    person, dify = hearing
    dify.next(Answer("The **words**."), Answer("More words."))
    person.ask("Speak")
    person.gets("The words.")
    person.expects_trouble()
    aloud = person.turn().get_by_role("button", name="Read aloud")
    said = person.turn().get_by_role("alert")
    for nothing in (Refusal(200, "null"), Refusal(204)):
        dify.fail("text-to-audio", nothing)
        aloud.click()
        expect(said).to_have_text("The app has no speech for this answer. The text is whole.")
    dify.fail("text-to-audio", Refusal.of(500, "unknown", "no"))
    aloud.click()
    expect(said).to_have_text("This answer could not be read aloud. Try again later.")
    dify.fail("text-to-audio")
    dify.speech = (MP3[:6000], CUT)
    aloud.click()
    expect(said).to_have_text("The speech broke off. The text is whole; try again.")
    person.gets("The words.")
    dify.speech = (MP3,)
    aloud.click()
    state(person, re.compile("playing|loading|ended"))
    expect(said).to_have_count(0)
    # Another type goes into a plain element, also where it is no sound at all.
    person.ask("Speak otherwise")
    person.gets("More words.")
    dify.speech, dify.speech_type = (b"no sound at all " * 500,), "audio/wav"
    aloud.click()
    expect(said).to_have_text("This browser cannot play what the app sent. The text is whole.")
    dify.speech = (wav(),)
    person.ask("Once more")
    person.gets("Echo: Once more")
    aloud.click()
    state(person, "ended")


def wav() -> bytes:
    """A quarter of a second of silence."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((1, 2, 8_000, 2_000, "NONE", ""))
        sound.writeframes(bytes(4_000))
    return written.getvalue()
