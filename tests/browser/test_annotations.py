"""A curator at work: the list by keyboard, the editor, undo, two at once, drafts, and from the chat."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.annotated import Annotated
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served, until
from tests.upstream import Refusal

IMAGE = "![x](https://evil.example/x.png)"


@pytest.fixture(scope="module")
def scripted_annotations() -> Iterator[Annotated]:
    with Annotated() as dify:
        yield dify


@pytest.fixture(scope="module")
def own_site(scripted_annotations: Annotated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    dify = scripted_annotations
    with served(tmp_path_factory.mktemp("annotations"), (dify.url, dify.key)) as running:
        yield running


@pytest.fixture
def dify(scripted_annotations: Annotated) -> Annotated:
    scripted_annotations.forget()
    scripted_annotations.kept.clear()
    return scripted_annotations


@pytest.fixture
def curator(arrive: Arrive, own_site: Site, dify: Annotated) -> Person:
    return arrive(own_site.url)


def items(person: Person) -> Locator:
    return person.page.locator(".an-item")


def questions(person: Person, *expected: str) -> None:
    expect(person.page.locator(".an-item .an-question .an-text")).to_have_text(list(expected))


def at_list(person: Person, *expected: str) -> None:
    """At the list as the server has it now, with these questions: earlier tests left another one."""
    person.open("/annotations")
    button(person, "Read again").click()
    if expected:
        questions(person, *expected)


def button(person: Person, name: str) -> Locator:
    return person.page.get_by_role("button", name=name, exact=True)


def field(person: Person, name: str) -> Locator:
    return person.page.get_by_role("textbox", name=name, exact=True)


def fill(person: Person, name: str, text: str) -> None:
    expect(field(person, name)).to_be_editable()
    field(person, name).fill(text)


def told(person: Person, words: str) -> None:
    expect(person.page.get_by_text(words, exact=True).first).to_be_visible()


def test_the_list_is_searched_sorted_and_worked_through_by_keyboard(curator: Person, dify: Annotated) -> None:
    dify.has("Where is my invoice?", "In your **account**.", 4)
    dify.has(f"Cancel {IMAGE}", f"Press cancel. {IMAGE}", 0)
    dify.has("How do I pay?", "By card.", 9)
    dify.has(None, None, None)
    at_list(curator)
    page = curator.page
    questions(curator, "", "How do I pay?", f"Cancel {IMAGE}", "Where is my invoice?")
    # By what is found in question or answer, marked.
    page.get_by_role("searchbox").fill("ACCOUNT")
    questions(curator, "Where is my invoice?")
    expect(page.locator("mark")).to_have_text("account")
    page.get_by_role("searchbox").fill("")
    expect(items(curator)).to_have_count(4)
    page.get_by_role("combobox", name="Filter").select_option("most")
    questions(curator, "How do I pay?", "Where is my invoice?")
    page.get_by_role("combobox", name="Filter").select_option("all")
    expect(items(curator)).to_have_count(4)
    page.get_by_role("button", name="Hits").click()
    questions(curator, "How do I pay?", "Where is my invoice?", "", f"Cancel {IMAGE}")
    # Down to the second row, which opens as a visitor would see it.
    page.get_by_role("searchbox").press("Escape")
    page.keyboard.press("j")
    expect(items(curator).nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(items(curator).nth(1).locator(".md strong")).to_have_text("account")
    # Two are selected and deleted; u brings them back.
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    told(curator, "2 selected")
    page.keyboard.press("d")
    told(curator, "Deleted 2.")
    expect(items(curator)).to_have_count(2)
    assert len(dify.kept) == 2
    page.keyboard.press("u")
    told(curator, "Undone: 2.")
    told(curator, "Restored annotations have new ids, and their hits start at 0.")
    expect(items(curator)).to_have_count(4)
    until(lambda: ("Where is my invoice?", "In your **account**.") in dify.texts)


def test_a_row_is_edited_and_the_edit_undone_after_a_restart_of_the_tab(
    curator: Person, dify: Annotated
) -> None:
    dify.has("Old question", "Old answer")
    at_list(curator, "Old question")
    curator.page.keyboard.press("j")
    curator.page.keyboard.press("e")
    expect(field(curator, "Answer")).to_have_value("Old answer")
    dify.fail("annotations/update", Refusal.of(403, "forbidden", "Not for you."))
    fill(curator, "Answer", "**New** answer")
    button(curator, "Save").click()
    expect(curator.page.get_by_role("alert")).to_contain_text("Your text is kept here.")
    expect(field(curator, "Answer")).to_have_value("**New** answer")
    expect(curator.page.locator(".an-preview strong")).to_have_text("New")
    assert dify.texts == [("Old question", "Old answer")]
    dify.fail("annotations/update")
    button(curator, "Save").click()
    told(curator, "Changed 1.")
    until(lambda: dify.texts == [("Old question", "**New** answer")])
    curator.page.reload()
    expect(items(curator)).to_have_count(1)
    curator.page.keyboard.press("j")
    curator.page.keyboard.press("h")
    expect(curator.page.locator("del")).to_have_text(["Old", "Old"])  # the refused attempt too
    button(curator, "Undo").last.click()
    told(curator, "Undone: 1.")
    until(lambda: dify.texts == [("Old question", "Old answer")])


def test_the_second_of_two_curators_decides(
    curator: Person, arrive: Arrive, own_site: Site, dify: Annotated
) -> None:
    dify.has("Shared", "As it was")
    other = arrive(own_site.url)
    for person in (curator, other):
        at_list(person, "Shared")
        person.page.keyboard.press("j")
        person.page.keyboard.press("e")
        expect(field(person, "Answer")).to_have_value("As it was")
    fill(other, "Answer", "The other's words")
    button(other, "Save").click()
    told(other, "Changed 1.")
    fill(curator, "Answer", "My words")
    button(curator, "Save").click()
    told(curator, "As it is now")
    told(curator, "The other's words")
    assert dify.texts == [("Shared", "The other's words")]
    button(curator, "Save mine").click()
    told(curator, "Changed 1.")
    until(lambda: dify.texts == [("Shared", "My words")])
    # The other one opens it, and meanwhile it is deleted.
    other.page.reload()
    expect(items(other)).to_have_count(1)
    other.page.keyboard.press("j")
    other.page.keyboard.press("e")
    fill(other, "Answer", "Too late?")
    curator.page.keyboard.press("j")
    curator.page.keyboard.press("d")
    told(curator, "Deleted 1.")
    button(other, "Save").click()
    expect(other.page.get_by_role("alert")).to_contain_text("was deleted meanwhile")
    button(other, "Add it again").click()
    told(other, "Added 1.")
    until(lambda: dify.texts == [("Shared", "Too late?")])


QUICKLY = """box => {
  box.click();
  [...document.querySelectorAll("button")].find(button => button.textContent === "Select all 60").click();
  for (const end = performance.now() + 500; performance.now() < end;);
}"""
"""And then the browser is busy until what was ticked would be told."""


def test_words_are_replaced_after_a_look_at_each_change(curator: Person, dify: Annotated) -> None:
    for number in range(60):
        dify.has(f"Question {number}", "Our colour" if number % 2 else "None")
    at_list(curator)
    page = curator.page
    expect(items(curator)).to_have_count(50)
    page.get_by_role("checkbox", name="Select all rows of this page").evaluate(QUICKLY)
    told(curator, "60 selected")
    button(curator, "Find and replace").click()
    fill(curator, "Find", "colour")
    field(curator, "Find").press("Enter")
    fill(curator, "Replace with", "color")
    field(curator, "Replace with").press("Enter")
    expect(page.locator("ins")).to_have_text(["color"] * 30)
    button(curator, "Change 30").click()
    told(curator, "Changed 30.")
    assert sorted({answer for _, answer in dify.texts}) == ["None", "Our color"]
    page.get_by_text("Changes", exact=True).click()
    told(curator, "30 annotations changed at once")
    button(curator, "Undo").first.click()
    told(curator, "Undone: 30.")
    assert sorted({answer for _, answer in dify.texts}) == ["None", "Our colour"]


def test_a_draft_from_the_chat_is_checked_and_goes_live(curator: Person, dify: Annotated) -> None:
    curator.chat()
    curator.ask("What is it?")
    curator.page.get_by_role("button", name="Make this an annotation").click()
    expect(field(curator, "Question")).to_have_value("What is it?")
    expect(field(curator, "Answer")).to_have_value(re.compile("^Echo: What is it"))
    fill(curator, "Answer", "It is a test.")
    button(curator, "Keep as draft").click()
    told(curator, "Kept as a draft.")
    expect(curator.page.get_by_role("dialog")).to_have_count(0)
    address = curator.page.url
    curator.open("/annotations")
    curator.page.get_by_text("Drafts", exact=True).click()
    told(curator, "It is a test.")
    button(curator, "Mark as checked").click()
    button(curator, "Put live").click()
    told(curator, "Added 1.")
    until(lambda: dify.texts == [("What is it?", "It is a test.")])
    # The row knows the chat it was made in.
    curator.page.get_by_text("List", exact=True).click()
    button(curator, "Read again").click()
    questions(curator, "What is it?")
    curator.page.keyboard.press("j")
    curator.page.keyboard.press("o")
    button(curator, "Open its chat").click()
    expect(curator.page).to_have_url(address)
    curator.page.get_by_role("button", name="Make this an annotation").click()
    expect(curator.page.get_by_role("dialog")).to_contain_text(
        "An annotation was made from this answer before"
    )
    button(curator, "Cancel").click()
    expect(curator.page.get_by_role("dialog")).to_have_count(0)


def test_guidelines_stand_beside_the_editor_and_what_is_typed_outlasts_a_look_elsewhere(
    curator: Person, dify: Annotated
) -> None:
    curator.open("/annotations")
    button(curator, "Add annotation").click()
    fill(curator, "Question", "Half a question")
    fill(curator, "Answer", "Half an answer")
    field(curator, "Answer").blur()
    expect(curator.page.locator(".an-preview")).to_have_text("Half an answer")
    curator.page.get_by_role("link", name="History").click()
    expect(curator.page.get_by_role("heading", name="History")).to_be_visible()
    curator.page.get_by_role("link", name="Annotations").click()
    expect(field(curator, "Question")).to_have_value("Half a question")
    expect(field(curator, "Answer")).to_have_value("Half an answer")
    curator.page.get_by_text("Guidelines", exact=True).click()
    button(curator, "Edit the guidelines").click()
    fill(curator, "Guidelines", "Be brief.")
    button(curator, "Save").click()
    expect(button(curator, "Edit the guidelines")).to_be_visible()
    told(curator, "Be brief.")
    expect(field(curator, "Answer")).to_have_value("Half an answer")
    # A reload ends the tab's editor, even while something is typed that the site has not heard of.
    field(curator, "Question").fill("Another question")
    curator.page.reload()
    button(curator, "Add annotation").click()
    expect(field(curator, "Question")).to_have_value("Another question")
    expect(field(curator, "Answer")).to_have_value("Half an answer")
    fill(curator, "Question", "Half a question")
    button(curator, "Add, and another").click()
    told(curator, "Added 1.")
    expect(field(curator, "Question")).to_have_value("")
    until(lambda: dify.texts == [("Half a question", "Half an answer")])
    curator.page.reload()
    button(curator, "Add annotation").click()
    expect(field(curator, "Question")).to_be_editable()
    expect(field(curator, "Question")).to_have_value("")
    assert "Half" not in curator.page.evaluate("JSON.stringify({...localStorage})")
    curator.page.get_by_text("Health", exact=True).click()
    told(curator, "Never hit")
