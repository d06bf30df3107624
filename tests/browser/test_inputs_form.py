"""The form that an app wants filled before its first question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.relay import Relay
from tests.site import Site, served, until
from tests.upstream import Answer, Gate, Upstream

FORM = {
    "opening_statement": "Hello {{name}}, shall we?",
    "suggested_questions": ["What can you do?"],
    "user_input_form": [
        {"text-input": {"variable": "name", "label": "Your name", "required": True, "max_length": 8}},
        {"select": {"variable": "lang", "label": "Language", "options": ["en", "de"], "default": "en"}},
        {"number": {"variable": "age", "label": "Age", "default": ""}},
        {"checkbox": {"variable": "brief", "label": "Be brief", "default": False}},
        {"file": {"variable": "doc", "label": "A document", "allowed_file_types": ["document"]}},
        {"paragraph": {"variable": "story", "label": "Your story"}},
    ],
}


@pytest.fixture(scope="module")
def wanting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream]]:
    """A site whose app has a form."""
    with Upstream() as dify:
        dify.parameters = FORM
        with served(tmp_path_factory.mktemp("form"), (dify.url, dify.key)) as site:
            yield site, dify


def at_form(arrive: Arrive, home: str, dify: Upstream, path: str = "/") -> Person:
    """Somebody before the empty form of an app that knows nothing yet."""
    dify.forget()
    dify.parameters = FORM
    person = arrive(home)
    person.chat(path)
    return person


def test_the_form_is_filled_and_then_fixed(arrive: Arrive, wanting: tuple[Site, Upstream]) -> None:
    site, dify = wanting
    person = at_form(arrive, site.url, dify, "/?inputs.lang=de")
    page = person.page
    expect(person.log).to_contain_text("Hello, shall we?")
    page.get_by_role("button", name="What can you do?").click()
    expect(page.get_by_text("the form above still needs something")).to_be_visible()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    expect(person.composer).to_have_value("What can you do?")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your name").press("Enter")
    expect(person.log).to_contain_text("Hello Ada, shall we?")
    page.get_by_text("Be brief").click()
    gate = Gate()
    dify.next(Answer("Well, ", gate, "yes."))
    person.composer.press("Enter")
    person.sees("Well,")
    assert dify.asked[0].body["inputs"] == {"name": "Ada", "lang": "de", "brief": True}
    expect(page.get_by_label("Your name")).to_have_count(0)
    person.turn().evaluate("turn => (turn.mark = 1)")
    page.get_by_text("Started with: Ada · de · yes").click()
    expect(page.get_by_text("The app keeps these for the whole conversation.")).to_be_visible()
    gate.open()
    person.gets("Well, yes.")
    address = person.sees_named_address()
    assert person.turn().evaluate("turn => turn.mark") == 1, "the transcript was never drawn anew"
    person.chat(f"/?c={address}")
    expect(person.log).to_contain_text("Hello Ada, shall we?")
    page.get_by_text("Started with: Ada · de · yes").click()
    page.get_by_role("button", name="New chat with other values").click()
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    expect(person.turns).to_have_count(0)


def test_a_file_of_the_form_is_checked_and_uploaded(
    arrive: Arrive, wanting: tuple[Site, Upstream], tmp_path: Path
) -> None:
    site, dify = wanting
    person = at_form(arrive, site.url, dify)
    page = person.page
    page.get_by_label("Your name").fill("Ada")
    empty, letter = tmp_path / "empty.txt", tmp_path / "letter.txt"
    empty.write_bytes(b"")
    letter.write_bytes(b"Dear Ada")
    picker = page.get_by_test_id("stFileUploaderDropzoneInput")
    picker.set_input_files(empty)
    expect(page.get_by_text("empty.txt")).to_be_visible()
    person.composer.fill("Read it")
    person.composer.press("Enter")
    expect(page.get_by_text("empty.txt is empty.")).to_be_visible()
    expect(person.composer).to_have_value("Read it")
    assert dify.asked == []
    picker.set_input_files(letter)
    expect(page.get_by_text("letter.txt")).to_be_visible()
    expect(page.get_by_text("empty.txt is empty.")).to_have_count(0)
    until(lambda: _holds(site.data / "pending", b"Dear Ada"), "the other one")
    page.reload()
    expect(page.get_by_text("letter.txt 8 bytes")).to_be_visible()
    expect(page.get_by_text("empty.txt")).to_have_count(0)
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    expect(person.composer).to_have_value("Read it")
    person.composer.press("Enter")
    person.sees_state("complete")
    (uploaded,) = dify.uploads
    assert uploaded.content == b"Dear Ada"
    assert dify.asked[0].body["inputs"]["doc"] == {
        "type": "document",
        "transfer_method": "local_file",
        "upload_file_id": uploaded.id,
    }


def test_what_is_typed_into_a_field_and_not_left_is_there_again(
    arrive: Arrive, wanting: tuple[Site, Upstream]
) -> None:
    site, dify = wanting
    person = at_form(arrive, site.url, dify)
    page = person.page
    name, story = page.get_by_label("Your name"), page.get_by_label("Your story")
    age = page.get_by_role("spinbutton", name="Age")
    name.press_sequentially("Ada")
    page.reload()
    expect(name).to_have_value("Ada")
    expect(person.log).to_contain_text("Hello Ada, shall we?")  # the site has it too
    age.press_sequentially("36")
    page.reload()
    expect(age).to_have_value("36")
    story.press_sequentially("Once upon a time")
    expect(story).to_be_focused()
    page.reload()
    expect(story).to_have_value("Once upon a time")
    expect(name).to_have_value("Ada")
    person.ask("Go on")
    person.gets("Echo: Go on")
    expected = {"name": "Ada", "lang": "en", "age": 36, "brief": False, "story": "Once upon a time"}
    assert dify.asked[0].body["inputs"] == expected
    page.reload()  # a run that knows the conversation
    person.ready()
    left = "Object.keys(localStorage).filter(key => key.includes('typed')).length"
    until(lambda: page.evaluate(left) == 0, "forgetting")


def test_what_was_being_typed_when_the_connection_broke_goes_with_the_question(
    arrive: Arrive, wanting: tuple[Site, Upstream]
) -> None:
    site, dify = wanting
    with Relay(site.port) as network:
        person = at_form(arrive, network.url, dify)
        page = person.page
        page.get_by_label("Your name").fill("Ada")
        story = page.get_by_label("Your story")
        story.press_sequentially("Once upon a time")
        person.expects_trouble()
        with network.down():
            expect(story).to_be_disabled()
        expect(story).to_be_enabled()
        person.ask("Go on")
        person.gets("Echo: Go on")
        person.leave()
    assert dify.asked[0].body["inputs"]["story"] == "Once upon a time"


def _holds(folder: Path, content: bytes) -> bool:
    with suppress(FileNotFoundError):  # written and moved meanwhile
        return any(content in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return False
