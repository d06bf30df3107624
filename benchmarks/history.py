"""A conversation of a thousand messages: when its end is there, whether its beginning can be reached, and
what a question or a click costs in it."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.answering import COMPOSER, PATIENCE, Asking, Load, new_page
from benchmarks.processes import Process
from benchmarks.upstream import LONG, MESSAGES, question

WIDGET = {
    "ours": "[data-testid=stSidebar] [role=switch], [data-testid=stPopoverBody] input",
    "plain": "[data-testid=stCheckbox] input",
}
"""Any widget beside the conversation."""
SETTLE = 5.0
"""Seconds after the opening: what is drawn in idle time is drawn."""
LOAD = Load(200, 100)


def long_conversation(browser: Browser, column: str, site: Process, dify: str) -> dict[str, Any]:
    page = new_page(browser)
    page.goto(f"{site.url}/?c={LONG}", wait_until="commit")
    visible = page.evaluate(
        "([words, ms]) => probe.seen(words, ms)", [f"Answer {MESSAGES}.", PATIENCE * 1000]
    )
    page.locator(COMPOSER).wait_for()
    time.sleep(SETTLE)
    clicked = _clicked(page, column)
    page.keyboard.press("Escape")
    asking = Asking(page, column, LOAD, count_bytes=True)
    asking.begin()
    asking.wait()
    time.sleep(1.5)
    asked = asking.finish(dify)
    text = LOAD.chunks * 4 / 1000
    reached = _beginning(page)
    page.context.close()
    return {
        "last_visible": visible,
        "click_settled": clicked,
        "first_text": asked["first_text"],
        "extra_kb": asked["streamed_kb"] - text,
        "beginning_reached_s": reached,
    }


def _clicked(page: Page, column: str) -> float:
    if column == "ours":
        page.get_by_role("button", name="Settings").click()
    widget = page.locator(WIDGET[column]).first
    widget.wait_for(state="attached")
    time.sleep(1)
    settled: float = widget.evaluate("(widget) => probe.settled(widget)")
    widget.evaluate("(widget) => probe.settled(widget)")  # as it was: ours changes how answers come
    return settled


def _beginning(page: Page) -> float | None:
    """Seconds of scrolling up until the first question is there; None if that takes longer than PATIENCE."""
    page.evaluate("(words) => void probe.seen(words, 1e9).then(() => (probe.begun = true))", question(1))
    began = time.monotonic()
    page.mouse.move(640, 400)
    while not page.evaluate("() => probe.begun"):
        if time.monotonic() - began > PATIENCE:
            return None
        page.mouse.wheel(0, -100_000)
        page.wait_for_timeout(50)
    return time.monotonic() - began
