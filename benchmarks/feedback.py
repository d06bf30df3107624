"""The page of feedback in front of 100,000 ratings: first rows before and after all are read, and filters."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from benchmarks.answering import page_of, shown
from benchmarks.processes import PATIENCE, ours
from benchmarks.upstream import FEEDBACKS

ROWS = ".fb-row"
READING = 15 * 60.0
"""Seconds that a thousand pages may take."""
FETCHED = """() => performance.getEntriesByType("resource")
  .filter(entry => new URL(entry.name).pathname.endsWith("/feedbacks")).at(-1).duration"""


def much_feedback(browser: Browser, dify: str) -> dict[str, float]:
    with ours(dify) as site:
        page = page_of(browser, site.url)  # the person's cookie; what a first visit fetches is there
        began = time.monotonic()
        fresh = _opened(page, site.url)
        whole = page.locator(".ls-status").get_by_text(f"{FEEDBACKS:,} ratings", exact=True)
        whole.wait_for(timeout=READING * 1000)
        read = time.monotonic() - began
        again = _opened(page, site.url)
        whole.wait_for(timeout=PATIENCE * 1000)
        filters: tuple[tuple[Callable[[], object], str], ...] = (
            (lambda: page.get_by_label("Rating", exact=True).select_option("dislike"), "66,666"),
            (lambda: page.get_by_label("Given by", exact=True).select_option("admin"), "1,333"),
            (lambda: page.get_by_label("State", exact=True).select_option("yes"), "0"),
        )
        filtered = [_asked(page, act, found) for act, found in filters]
        page.get_by_role("button", name="Clear filters").click()
        whole.wait_for(timeout=PATIENCE * 1000)
        word = f"unique{FEEDBACKS - 1}"
        searched = _asked(page, lambda: page.get_by_role("searchbox").fill(word), "1")
        page.context.close()
    return {
        "first_rows_fresh": fresh,
        "read_s": read,
        "first_rows": again,
        "filter_answered": max(answered for answered, _ in filtered),
        "filter_shown": max(shown for _, shown in filtered),
        "search_answered": searched[0],
        "search_shown": searched[1],
    }


def _opened(page: Page, url: str) -> float:
    """Milliseconds until its first rows."""
    began = time.monotonic()
    page.goto(f"{url}/feedback", wait_until="commit")
    shown(page, ROWS)
    return (time.monotonic() - began) * 1000


def _asked(page: Page, act: Callable[[], object], found: str) -> tuple[float, float]:
    """Milliseconds of the server's answer, and until so many are told to be found."""
    began = time.monotonic()
    act()
    shown(page, ".ls-status", f"{found} of {FEEDBACKS:,} ratings")
    return float(page.evaluate(FETCHED)), (time.monotonic() - began) * 1000
