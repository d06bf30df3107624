"""One answer in one page: what the reader sees of it, and what it costs the browser and the server."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from benchmarks.devtools import Costs, Received
from benchmarks.processes import Process
from benchmarks.upstream import LAST_WORDS

PROBE = Path(__file__).parent / "probe.js"
ANSWER = {"ours": ".tr-turn:last-child .tr-text", "plain": ".st-key-answer"}
"""Where each column shows the running answer."""
COMPOSER = "[data-testid=stChatInputTextArea]"
QUIET = 1.5
"""Seconds before and after an answer: nothing of a page's start, and all of a last pass, is counted."""
PATIENCE = 150.0
"""Seconds for one answer beyond its own time; what is not there by then counts as never."""


@dataclass(frozen=True, slots=True)
class Load:
    chunks: int
    rate: int
    """Chunks a second."""
    spoken: bool = False
    """Speech comes along."""
    parts: bool = False
    """Thoughts, workflow steps and files come along."""

    @property
    def seconds(self) -> float:
        return self.chunks / self.rate

    def __str__(self) -> str:
        more = (", spoken" if self.spoken else "") + (", with parts" if self.parts else "")
        return f"{self.chunks} chunks at {self.rate}/s{more}"


def page_of(browser: Browser, url: str) -> Page:
    """A first visit: no cookie, nothing cached; returned when one can type a question."""
    page = new_page(browser)
    page.goto(url, wait_until="commit")
    shown(page, COMPOSER)
    return page


def shown(page: Page, selector: str, words: str = "") -> None:
    """Until something with these words is drawn, to the frame: `Locator.wait_for` looks every 500 ms."""
    page.evaluate("([selector, words]) => probe.shown(selector, words)", [selector, words])


def new_page(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(path=PROBE)
    context.set_default_timeout(PATIENCE * 1000)
    return context.new_page()


class Asking:
    """One question in an open page: begin(), then finish(), with others in between if they run at once.

    Times in ms, costs in s of CPU or of wall time, bytes in KB.
    """

    def __init__(self, page: Page, column: str, load: Load, *, count_bytes: bool = False) -> None:
        self._page, self._load = page, load
        self._query = f"{load}, {uuid.uuid4().hex}"
        self._costs = Costs(page)
        self._received = Received(page) if count_bytes else None
        page.evaluate("([selector, words]) => probe.watch(selector, words)", [ANSWER[column], LAST_WORDS])

    def begin(self) -> None:
        self._costs.begin()
        if self._received:
            self._received.begin()
        self._page.locator(COMPOSER).fill(self._query)
        self._page.keyboard.press("Enter")

    def wait(self) -> None:
        """Until the last words are on the screen, or PATIENCE is over."""
        self._page.evaluate("(ms) => probe.now.end(ms)", (self._load.seconds + PATIENCE) * 1000)

    def finish(self, dify: str) -> dict[str, Any]:
        spent = self._costs.end()
        seen = self._page.evaluate("() => probe.now.result()")
        records = httpx.get(f"{dify}/records", trust_env=False).json()
        record = next((record for record in records if record["query"] == self._query), None)
        heard = self._heard(record) if self._load.spoken else {}
        return _figures(seen, record) | heard | spent | (self._received.kilobytes if self._received else {})

    def _heard(self, record: dict[str, Any] | None) -> dict[str, Any]:
        """Waits for the end of the speech. Gaps are silences after its beginning."""
        voice = self._page.evaluate("(ms) => probe.voice.end(ms)", PATIENCE * 1000)
        if record is None or not voice["playing"]:
            return {"first_sound": None, "gaps": None, "gap_ms": None}
        begun = voice["playing"] - record["spoken"] * 1000
        return {"first_sound": begun, "gaps": voice["gaps"], "gap_ms": voice["silence"]}


def asked(
    browser: Browser, column: str, site: Process, dify: str, load: Load, **options: bool
) -> dict[str, Any]:
    """A first visit that asks for this load."""
    page = page_of(browser, site.url)
    asking = Asking(page, column, load, **options)
    time.sleep(QUIET)
    before = site.cpu
    asking.begin()
    asking.wait()
    time.sleep(QUIET)
    figures = {"server_cpu": site.cpu - before} | asking.finish(dify)
    page.context.close()
    return figures


def asked_at_once(
    browser: Browser, column: str, site: Process, dify: str, load: Load, readers: int
) -> list[dict[str, Any]]:
    """As many first visits, each in a window of its own; `server_cpu` is each one's share."""
    pages = [page_of(browser, site.url) for _ in range(readers)]
    askings = [Asking(page, column, load) for page in pages]
    time.sleep(QUIET)
    before = site.cpu
    for step in (Asking.begin, Asking.wait):
        for asking in askings:
            step(asking)
    time.sleep(QUIET)
    share = (site.cpu - before) / readers
    figures = [{"server_cpu": share} | asking.finish(dify) for asking in askings]
    for page in pages:
        page.context.close()
    return figures


def _figures(seen: dict[str, Any], record: dict[str, Any] | None) -> dict[str, Any]:
    """Without a record the site has not yet taken all of the answer: the last words never came."""
    if record is None:
        return {"first_text": None, "last_text": None}
    first, last = record["first"] * 1000, record["last"] * 1000
    gaps = [after - before for before, after in pairwise(seen["frames"])]
    span = (seen["frames"][-1] - seen["frames"][0]) / 1000 if gaps else 0
    tasks = [duration for start, duration in seen["longTasks"] if start + duration > first]
    return {
        "first_text": seen["first"] - first if seen["first"] else None,
        "last_text": seen["last"] - last if seen["last"] else None,
        "frames_per_s": len(gaps) / span if span else None,
        "gap_p95": quantiles(gaps, n=20)[-1] if len(gaps) > 1 else None,
        "long_tasks": sum(tasks),
        "long_task_max": max(tasks, default=0),
        "probe_ms": seen["spent"],
        "clock_skew": seen["skew"],
        "upstream_late": record["latest"] * 1000,
        "upstream_s": record["last"] - record["first"],
    }
