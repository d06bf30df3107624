"""The history page over ten thousand conversations, each with an answer that this site has seen."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.answering import page_of, shown
from benchmarks.processes import Process, ours
from benchmarks.upstream import CONVERSATIONS, TEXT, conversation_id
from services.conversations import Conversation
from services.identities.open import COOKIE, Open
from services.identity import Secret
from services.rope import Rope
from services.search import Search
from services.store import Owned, Store
from services.turn import Turn

ROWS = ".ls-entries > li"
MARK = ".ls-entries mark"
FETCHED = """word => performance.getEntriesByType("resource")
  .filter(entry => new URL(entry.name).searchParams.get("q") === word).at(-1).duration"""

READ = """async () => {
  const reading = async () => (await (await fetch("/conversations?app=app&q=nothing")).json()).reading;
  while (await reading()) await new Promise((resolve) => setTimeout(resolve, 50));
}"""
"""Until the site has the whole list from Dify."""


def long_list(browser: Browser, dify: str) -> dict[str, float]:
    with _site(dify) as (site, folder):
        page = page_of(browser, site.url)  # the person's cookie; what a first visit fetches is there
        user = _user(page, folder)
        began = time.monotonic()
        page.goto(f"{site.url}/history", wait_until="commit")
        shown(page, ROWS)
        first = time.monotonic() - began
        _seen(folder, user)
        page.evaluate(READ)
        words = [f"unique{number}" for number in (17, CONVERSATIONS // 2, CONVERSATIONS - 1)]
        found = [_searched(page, word) for word in words]
        fetched = [float(page.evaluate(FETCHED, word)) for word in words]
        common = _searched(page, "the")
        page.context.close()
    return {
        "first_rows": first * 1000,
        "search_shown": max(found),
        "search_answered": max(fetched),
        "search_common": common,
    }


@contextmanager
def _site(dify: str) -> Iterator[tuple[Process, Path]]:
    with tempfile.TemporaryDirectory() as data, ours(dify, data) as site:
        yield site, Path(data)


def _user(page: Page, folder: Path) -> str:
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    identity = Open(Secret.kept_in(folder)).of({COOKIE: cookies[COOKIE]}, {}, None)
    assert identity is not None
    return identity.user


def _seen(folder: Path, user: str) -> None:
    search = Search(Store.behind(folder / "console.sqlite3"))
    for number in range(CONVERSATIONS):
        start = number * 137 % (len(TEXT) - 1_000)
        answer = f"{TEXT[start : start + 1_000]} unique{number}"
        place = Conversation(Owned("", "app", user, conversation_id(number)))
        turn = Turn(
            f"Question {number}",
            state="complete",
            message_id=f"m-{number}",
            text=Rope(answer),
            asked_at=float(number),
        )
        search.saw(place, conversation_id(number), [turn])


def _searched(page: Page, word: str) -> float:
    """Milliseconds from the last letter to what was found, the pause after typing included."""
    page.get_by_role("searchbox").fill(word)
    began = time.monotonic()
    shown(page, MARK, word)
    return (time.monotonic() - began) * 1000
