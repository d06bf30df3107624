"""Someone at the site: a browser context with cookies of its own, and a record of what went wrong.

Trouble that a test does not announce with `expects_trouble` must not happen to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from tests.site import PATIENCE

COOKIE = "console_id"
MS = PATIENCE * 1000
PROBES = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
"""Streamlit's own on a cold deep link: it looks beside the page before it looks at the root."""


class Person:
    """`home` is the address of the site; `page` the page last opened."""

    def __init__(self, browser: Browser, home: str, **options: Any) -> None:
        defaults = {
            "viewport": {"width": 1280, "height": 800},
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
        }
        self.home = home
        self.context: BrowserContext = browser.new_context(**defaults | options)
        self.context.set_default_timeout(MS)
        self.trouble: list[str] = []
        """What nobody may ever see: errors, refused requests, anything asked of another server."""
        self.console: list[str] = []
        self.elsewhere: list[str] = []
        """Other servers that this person is meant to be sent to."""
        self._calm = True
        self.context.on("console", self._heard)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        self.page: Page = self.context.new_page()

    # Going about

    def open(self, path: str = "/") -> Page:
        """Go there as by typing the address."""
        self.page.goto(self.home + path)
        return self.page

    def chat(self, path: str = "/") -> Page:
        """Go to a chat page and wait until one can ask."""
        page = self.open(path)
        self.ready()
        return page

    def ready(self) -> None:
        """The page is drawn, its transcript knows what it shows."""
        expect(self.composer.first).to_be_visible()
        expect(self.log).to_have_count(1)
        expect(self.page.locator(".tr-skeleton")).to_have_count(0)
        expect(self.composer).to_have_count(1)  # another conversation's goes a moment after this one's came

    @contextmanager
    def another_tab(self, path: str | None = None) -> Iterator[Page]:
        """A second tab of the same browser, at the same address unless told another; `page` meanwhile."""
        address, first = self.page.url, self.page
        self.page = self.context.new_page()
        self.page.goto(address if path is None else self.home + path)
        try:
            yield self.page
        finally:
            self.page.close()
            self.page = first

    def reopen(self, address: str) -> Page:
        """A new page at that address, every earlier one closed: the laptop was shut and opened again."""
        for page in self.context.pages:
            page.close()
        self.page = self.context.new_page()
        self.page.goto(address)
        return self.page

    # What is on the page

    @property
    def log(self) -> Locator:
        # Streamlit's select boxes announce by two elements of this role beside the app.
        return self.page.get_by_test_id("stApp").get_by_role("log")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("stChatInputTextArea")

    @property
    def send(self) -> Locator:
        return self.page.get_by_test_id("stChatInputSubmitButton")

    @property
    def turns(self) -> Locator:
        return self.page.locator("[data-turn-id]")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop answer")

    def turn(self, index: int = -1) -> Locator:
        """A turn as it stands on the page, the newest one if not told another."""
        return self.turns.nth(index)

    def answer(self, index: int = -1) -> Locator:
        return self.turn(index).locator(".tr-text")

    def question(self, index: int = -1) -> Locator:
        return self.turn(index).locator(".tr-bubble")

    # Doing and seeing

    def ask(self, text: str) -> None:
        """Type it, press Enter, and see it become the newest turn."""
        before = self.turns.count()
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.turns).to_have_count(before + 1)

    def sees(self, text: str | re.Pattern[str], index: int = -1) -> None:
        """This text in the answer of a turn."""
        expect(self.answer(index)).to_contain_text(text)

    def sees_state(self, state: str | re.Pattern[str], index: int = -1) -> None:
        expect(self.turn(index)).to_have_attribute("data-state", state)

    def gets(self, text: str, index: int = -1) -> None:
        """Exactly this answer, and it is complete."""
        self.sees_state("complete", index)
        expect(self.answer(index)).to_have_text(text)

    def copied(self) -> str:
        """What is in the clipboard."""
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text

    @property
    def conversation_id(self) -> str:
        """What the address bar says."""
        return parse_qs(urlsplit(self.page.url).query).get("c", [""])[0]

    def sees_named_address(self) -> str:
        """Wait until the address holds the id that Dify gave, and return it."""
        expect(self.page).to_have_url(re.compile(r"[?&]c=[0-9a-f-]{36}"))
        return self.conversation_id

    @property
    def key(self) -> str:
        """Of the conversation on the page, as long as Dify has not named it."""
        assert self.conversation_id.startswith("~")
        return self.conversation_id[1:]

    @property
    def cookie(self) -> dict[str, str]:
        """By which the site knows this person."""
        return {c["name"]: c["value"] for c in self.context.cookies() if c["name"] == COOKIE}

    # What went wrong

    def expects_trouble(self) -> None:
        """From here on this test breaks the network itself: failed requests are no news."""
        self._calm = False

    def leave(self) -> None:
        self.context.close()

    def _note(self, what: str) -> None:
        if self._calm:
            self.trouble.append(what)

    def _heard(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        policy = "Content Security Policy" in message.text or "Permissions" in message.text
        probe = PROBES.search(urlsplit(message.location.get("url", "")).path)
        if (message.type == "error" or policy) and not probe:
            self._note(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        here = (self.home, self.home.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith((*here, *self.elsewhere)):
            # Never expected, whatever else is.
            self.trouble.append(f"asked of another server: {request.url}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400 and not PROBES.search(urlsplit(answer.url).path):
            self._note(f"{answer.status} for {answer.request.method} {answer.url}")
