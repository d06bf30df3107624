"""A conversation of somebody else is worked on from its first note to its end; a ready prompt is asked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.browser.test_accessibility import faultless
from tests.site import Site, until
from tests.upstream import Upstream

OURS = "[data-testid=stMain]"


def button(person: Person, name: str | re.Pattern[str]) -> Locator:
    return person.page.get_by_role("button", name=name, exact=isinstance(name, str))


def add_tag(person: Person, where: Locator, tag: str) -> None:
    field = where.get_by_role("combobox", name="Add a tag")
    field.fill(tag)
    field.press("Enter")


@pytest.mark.timeout(600)
def test_a_support_persons_hour(arrive: Arrive, site: Site, dify: Upstream) -> None:
    customer = arrive(site.url)
    customer.chat()
    customer.ask("Where is my parcel?")
    customer.sees_state("complete")
    conversation = customer.sees_named_address()
    expect(button(customer, "Notes")).to_be_visible()
    user = dify.asked[-1].body["user"]

    # It is read, noted on, tagged, assigned.
    support = arrive(site.url)
    page = support.page
    support.open(f"/work?u={user}&c={conversation}")
    support.sees_state("complete")
    expect(support.composer).to_have_count(0)
    panel = page.get_by_role("complementary", name="Notes and status")
    expect(panel.get_by_text("No notes yet.")).to_be_visible()
    button(support, "Write a private note on this").click()
    expect(panel.get_by_text("On: Where is my parcel?")).to_be_visible()
    field = panel.get_by_role("textbox", name="Write a note")
    field.fill("Ask the **carrier**")
    page.reload()  # what was typed and not saved is there again
    expect(field).to_have_value("Ask the **carrier**")
    expect(panel.get_by_text("On: Where is my parcel?")).to_be_visible()
    button(support, "Add note").click()
    note = panel.locator(".wk-note")
    expect(note.locator("strong")).to_have_text("carrier")
    expect(field).to_have_value("")
    button(support, "Delete").click()
    expect(note).to_have_count(0)
    button(support, "Undo").click()
    button(support, "Go to the message").click()
    expect(page.locator(".tr-found")).to_have_count(1)
    add_tag(support, panel, "Parcel")
    expect(panel.locator(".wk-tag")).to_have_text("Parcel")
    panel.get_by_role("combobox", name="Assigned to").select_option(label="Me")
    button(support, "Triaged").click()
    expect(button(support, "Triaged")).to_have_attribute("aria-pressed", "true")

    faultless(support, "a conversation with its panel", OURS)

    # A colleague has the same conversation open, and is told what is no longer as it was.
    other = arrive(site.url)
    other.open(f"/work?u={user}&c={conversation}")
    expect(button(other, "Triaged")).to_have_attribute("aria-pressed", "true")
    button(support, "New").click()
    expect(button(support, "New")).to_have_attribute("aria-pressed", "true")
    other.expects_trouble()  # 409: the browser's console tells of it
    button(other, "Done").click()
    expect(other.page.get_by_text("A colleague has meanwhile set this to “New”.")).to_be_visible()
    button(other, "Leave it").click()
    expect(button(other, "New")).to_have_attribute("aria-pressed", "true")

    # The list, narrowed, kept as a view, and worked through by keyboard.
    button(support, "All work").click()
    row = page.locator(f'.wk-row[data-id="{conversation}"]')
    expect(row.locator(".wk-badge")).to_have_text("New")
    expect(row.get_by_text("1 note")).to_be_visible()
    page.get_by_role("combobox", name="Tag", exact=True).select_option("Parcel")
    expect(page.locator(".wk-row")).to_have_count(1)
    button(support, "Save view").click()
    page.get_by_role("textbox", name="Name of the view").fill("Parcels")
    button(support, "Save").click()
    expect(button(support, "Parcels")).to_have_attribute("aria-pressed", "true")
    button(support, "All").click()
    expect(button(support, "Parcels")).to_have_attribute("aria-pressed", "false")
    # The list is drawn anew under the focus: the keyboard keeps its place.
    cases, asked = re.compile(r"/cases\?"), list[Route]()
    page.route(cases, lambda route: asked.append(route))
    with page.expect_request(cases):
        button(support, "Parcels").click()
    row.evaluate("row => row.classList.add('drawn-before')")
    page.locator("body").press("j")
    expect(row).to_be_focused()
    asked[0].continue_()
    expect(page.locator(".drawn-before")).to_have_count(0)
    page.unroute(cases)
    expect(page.locator(".wk-row")).to_have_count(1)
    expect(row).to_be_focused()
    row.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    faultless(support, "the list of work", OURS)
    row.press("3")
    expect(row.locator(".wk-badge")).to_have_text("Done")
    button(support, "Undo").click()
    expect(row.locator(".wk-badge")).to_have_text("New")
    page.get_by_role("heading", name="Work").click()
    page.locator("body").press("j")
    row.press("Enter")
    expect(page).to_have_url(re.compile(f"/work\\?.*{conversation}"))


@pytest.mark.timeout(600)
def test_a_ready_prompt_is_filled_edited_and_asked(person: Person, dify: Upstream) -> None:
    page, composer = person.page, person.composer
    composer.press("/")
    chooser = page.get_by_role("dialog", name="Prompts")
    expect(chooser).to_be_visible()
    page.keyboard.type("etc")
    page.keyboard.press("Escape")
    expect(composer).to_have_value("/etc")  # nothing typed is lost
    composer.fill("")
    composer.press("/")
    button(person, "New prompt").click()
    chooser.get_by_role("textbox", name="Title").fill("Order")
    text = chooser.get_by_role("textbox", name="Text")
    text.fill("Hello {{nick}}, where is {{order}}? {{}}")
    page.keyboard.press("Escape")
    button(person, "Prompts").click()
    button(person, "New prompt").click()
    expect(text).to_have_value("Hello {{nick}}, where is {{order}}? {{}}")
    button(person, "Save").click()
    expect(chooser.get_by_role("row", name="Order")).to_be_visible()
    faultless(person, "ready prompts", OURS)
    page.keyboard.press("Escape")

    composer.fill("Please:")
    button(person, "Prompts").click()
    page.keyboard.type("ord")
    expect(chooser.get_by_role("row")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(chooser.get_by_role("textbox", name="nick")).to_have_value("friend")  # as the form has it
    order = chooser.get_by_role("textbox", name="order")
    expect(order).to_be_focused()
    order.fill("number 7")
    order.press("Enter")
    whole = "Please:\nHello friend, where is number 7? {{}}"
    expect(composer).to_have_value(whole)
    assert dify.asked == [], "nothing is sent by itself"
    composer.press("Enter")
    expect(person.turns).to_have_count(1)
    until(lambda: dify.asked and dify.asked[-1].body["query"] == whole)
