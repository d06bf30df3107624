"""Where a page begins for the keyboard: in the composer, unless somebody is elsewhere already; and a panel
that covers the page keeps the focus inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness.server import Harness, serve

BODY = "<!doctype html><p>Words</p><button>Elsewhere</button><div id=root></div>"
BEGIN = """async () => {
    const { Focus } = await import("/assets/focus.js");
    window.focusing = new Focus(document.getElementById("root"), () => document.querySelector("textarea"));
}"""
COMPOSER = "document.body.append(document.createElement('textarea'))"


@pytest.fixture(scope="module")
def harness() -> Iterator[Harness]:
    with serve() as running:
        yield running


def begun(browser: Browser, harness: Harness, **options: Any) -> Page:
    """A page whose clock stands still, and whose transcript has just come."""
    page = browser.new_context(**options).new_page()
    page.clock.install()
    page.route("**/blank", lambda route: route.fulfill(body=BODY, content_type="text/html"))
    page.goto(f"{harness.url}/blank")
    page.evaluate(BEGIN)
    return page


def test_a_page_begins_in_the_composer_once(browser: Browser, harness: Harness) -> None:
    page = begun(browser, harness)
    page.clock.run_for(5_000)
    page.evaluate(COMPOSER)  # on a slow site it comes long after the transcript
    page.clock.run_for(200)
    composer = page.get_by_role("textbox")
    expect(composer).to_be_focused()
    composer.blur()
    page.clock.run_for(20_000)
    expect(composer).not_to_be_focused()
    page.context.close()


def test_the_focus_is_taken_from_nobody(browser: Browser, harness: Harness) -> None:
    page = begun(browser, harness)
    page.evaluate(COMPOSER)
    button, composer = page.get_by_role("button"), page.get_by_role("textbox")
    button.focus()
    page.clock.run_for(1_000)
    expect(button).to_be_focused()
    button.evaluate("button => button.remove()")  # the list that a conversation was opened from is drawn anew
    page.clock.run_for(200)
    expect(composer).to_be_focused()
    page.context.close()


@pytest.mark.parametrize("act", ["a key", "a press", "a dialog", "a finger"])
def test_who_does_something_is_left_alone(act: str, browser: Browser, harness: Harness) -> None:
    touch = {"has_touch": True, "is_mobile": True} if act == "a finger" else {}
    page = begun(browser, harness, **touch)
    if act == "a key":
        page.keyboard.press("PageDown")
    elif act == "a press":
        page.get_by_text("Words").click()
    elif act == "a dialog":
        page.locator("p").evaluate("words => { words.role = 'dialog'; }")
    page.evaluate(COMPOSER)
    page.clock.run_for(20_000)
    expect(page.get_by_role("textbox")).not_to_be_focused()
    page.context.close()


NOTE = {
    "message_id": "",
    "author": "u",
    "author_name": "",
    "text": "Call back",
    "created_at": 1,
    "version": 1,
}
CASE = {"user": "u", "id": "c", "title": "", "status": "new", "assignee": "", "tags": [], "at": 1, "notes": 1}
ESC = """field => {
    const options = { key: "Escape", bubbles: true, cancelable: true };
    return !field.dispatchEvent(new KeyboardEvent("keydown", options));
}"""
PANEL = """async () => {
    const { mount } = await import("/assets/work/panel.js");
    const data = { app: "one", user: "u", id: "c", key: "k", message: "", open: false, notes: 1 };
    mount(document.getElementById("root"), { assets: "/assets/", ...data }, () => {});
}"""


def test_a_panel_that_covers_the_page_is_modal(browser: Browser, harness: Harness) -> None:
    page = begun(browser, harness, viewport={"width": 390, "height": 800})
    found = {"staff": [], "me": "u", "tags": [], "case": CASE, "notes": [{"id": "n", **NOTE}]}
    page.route("**/cases/one?*", lambda route: route.fulfill(json=found))
    page.route("**/notes/n/delete?*", lambda route: route.fulfill(json={}))
    page.route("**/notes/n/restore?*", lambda route: route.fulfill(json={"id": "n", **NOTE}))
    page.evaluate(PANEL)
    opener, panel = page.get_by_role("button", name="Notes: 1"), page.get_by_role("dialog")
    opener.press("Enter")
    expect(panel.get_by_text("Call back")).to_be_visible()
    for key in [*["Tab"] * 14, *["Shift+Tab"] * 14]:
        page.keyboard.press(key)
        # The end of a modal dialog is the browser's own: from there it goes on at the other end.
        assert page.evaluate("document.activeElement.matches('body, dialog, dialog *')")
    # What is told about it can be pressed, in it as beside it.
    panel.get_by_role("button", name="Delete").click()
    expect(panel.locator(".wk-note")).to_have_count(0)
    panel.get_by_role("button", name="Undo").click()
    expect(panel.get_by_text("Call back")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(opener).to_be_focused()
    # Turned to its side, it is wide enough to show both.
    opener.press("Enter")
    field = page.get_by_role("textbox", name="Write a note")
    field.fill("Half a")
    page.set_viewport_size({"width": 800, "height": 390})
    expect(page.get_by_role("complementary")).to_be_visible()
    expect(panel).to_have_count(0)
    expect(field).to_be_focused()
    expect(field).to_have_value("Half a")
    assert field.evaluate(ESC), "it would stop a running answer as well"
    expect(page.get_by_role("complementary")).to_have_count(0)
    expect(opener).to_be_focused()
    page.context.close()
