"""The page of people over ten thousand of them, each with conversations that this site knows."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from benchmarks.answering import page_of, shown
from benchmarks.processes import ours
from services.audit import Audit
from services.dify.end_users import EndUser
from services.identity import Identity
from services.people.people import People
from services.store import Store

PEOPLE = 10_000
COUNTS = ("1 person", "0 people")
ROWS = ".ls-people tbody tr"
FETCHED = """word => performance.getEntriesByType("resource")
  .filter(entry => new URL(entry.name).searchParams.get("q") === word).at(-1).duration"""


def many_people(browser: Browser, dify: str) -> dict[str, float]:
    with TemporaryDirectory() as data, ours(dify, data) as site:
        page = page_of(browser, site.url)  # the person's cookie; what a first visit fetches is there
        _seen(Path(data))
        began = time.monotonic()
        page.goto(f"{site.url}/people", wait_until="commit")
        shown(page, ROWS)
        first = time.monotonic() - began
        # One and none by turns, so that each change can be seen.
        words = [f"person-{PEOPLE // 2}", "nobody at all", f"person-{PEOPLE - 1}", "nobody"]
        filtered = [_filtered(page, word, count) for word, count in zip(words, COUNTS * 2, strict=True)]
        fetched = [float(page.evaluate(FETCHED, word)) for word in words]
        page.context.close()
    return {"first_rows": first * 1000, "filter_shown": max(filtered), "filter_answered": max(fetched)}


def _seen(folder: Path) -> None:
    store = Store.behind(folder / "console.sqlite3")
    directory = People(store.database, Audit(store.database), _anybody)
    for at in range(0, PEOPLE, 500):
        some = [EndUser("", f"person-{number}") for number in range(at, at + 500)]
        directory.sightings.heard("app", some, "question")
    store.close()


def _anybody(_: Identity) -> bool:
    return True


def _filtered(page: Page, word: str, count: str) -> float:
    """Milliseconds from the last letter to what was found, the pause after typing included."""
    page.get_by_role("searchbox").fill(word)
    began = time.monotonic()
    shown(page, ".ls-status", count)
    return (time.monotonic() - began) * 1000
