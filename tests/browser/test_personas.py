"""Every app of the embedded backend, by the switcher: one question each, and what is special about it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_apps import at, chosen


def of_the_guide(person: Person) -> None:
    person.ask("How do I stop an answer?")
    person.sees_state("complete")
    expect(person.turn().get_by_role("button", name=re.compile(r"^1 "))).to_be_visible()
    expect(person.turn().get_by_role("button", name="Good answer")).to_be_visible()


def of_the_agent(person: Person) -> None:
    person.ask("What is 12.5 * (7 + 3)?")
    person.sees("125")
    person.sees_state("complete")
    expect(person.turn().locator("summary", has_text="calculat")).to_be_visible()


def of_the_chatflow(person: Person) -> None:
    person.ask("my name is Ada")
    person.sees("Nice to meet you, Ada")
    person.sees_state("complete")
    expect(person.turn().locator("summary", has_text="steps")).to_be_visible()
    expect(person.page.get_by_role("button", name="Variables", exact=True)).to_be_visible()


def of_the_speaking_one(person: Person) -> None:
    person.ask("What are annotations?")
    person.sees_state("complete")
    expect(person.page.get_by_role("group", name="Speech")).to_be_visible()


def of_the_moderated_one(person: Person) -> None:
    person.composer.fill("blockme, please")
    person.composer.press("Enter")
    expect(person.page.get_by_text("This is needed.").first).to_be_visible()
    person.page.get_by_role("textbox", name="Name *").fill("Ada")
    person.page.get_by_role("combobox", name=re.compile("Language")).click()
    person.page.get_by_role("option", name="de").click()
    expect(person.composer).to_have_value("blockme, please")
    person.composer.press("Enter")
    person.gets("Your input was blocked.")
    person.ask("demo: moderation")
    person.gets("Sorry, I cannot say that.")


def of_the_plain_one(person: Person) -> None:
    person.ask("demo: bench 5 5 4")
    person.sees_state("complete")
    expect(person.turn().get_by_role("button", name="Read aloud")).to_have_count(0)
    expect(person.page.get_by_role("button", name="Variables", exact=True)).to_have_count(0)


def of_the_reading_one(person: Person) -> None:
    page = person.page
    pickers = page.get_by_test_id("stFileUploaderDropzoneInput")
    letter = {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear Ada, the ship has come in."}
    note = {"name": "note.md", "mimeType": "text/plain", "buffer": b"# Second"}
    pickers.nth(0).set_input_files(letter)  # type: ignore[arg-type]
    expect(page.get_by_text("letter.txt")).to_be_visible()
    pickers.nth(1).set_input_files([note])  # type: ignore[list-item]
    expect(page.get_by_text("note.md")).to_be_visible()
    person.ask("What do my files say?")
    person.sees_state("complete")
    person.sees("letter.txt (31 bytes, text/plain)")
    person.sees("Dear Ada, the ship has come in.")
    person.sees("note.md (8 bytes, text/plain)")
    person.chat(f"/?app=reader&c={person.sees_named_address()}")
    expect(page.get_by_text("Started with: letter.txt · note.md")).to_be_visible()
    person.turn().hover()
    person.turn().get_by_role("button", name="Ask again").click()
    person.sees_state("complete")
    person.sees("Dear Ada, the ship has come in.")


SPECIAL: dict[str, Callable[[Person], None]] = {
    "Console guide": of_the_guide,
    "Agent": of_the_agent,
    "Chatflow": of_the_chatflow,
    "Speaking guide": of_the_speaking_one,
    "Moderated chat": of_the_moderated_one,
    "Document reader": of_the_reading_one,
    "Plain chat": of_the_plain_one,
}


def test_one_after_the_other(visitor: Person) -> None:
    for name, special in SPECIAL.items():
        if name != "Console guide":
            chosen(visitor, re.compile(name)).click()
        at(visitor, name)
        visitor.ready()
        special(visitor)
        expect(visitor.page.get_by_role("alert")).to_have_count(0)
