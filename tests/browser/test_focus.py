"""Where a page begins for the keyboard: in the composer, unless somebody is elsewhere already."""

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
