"""kill -9 of the site and of the backend at random moments, while people ask and read.

A question is acknowledged once it stands on somebody's page. None of those is lost, none is answered twice,
at most a second of text is missing, and every interrupted answer comes to an end.
"""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Error, expect

from services.outcome import FINAL
from services.store import OPEN_STATES
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.relay import Relay
from tests.site import ROOT, Site, free_port, running, started, until

KEY = "app-of-the-kills"
FINALLY = 100.0
"""Seconds in which an answer that nobody has any more is declared lost (recovery.PAUSES), and a little."""


class Machine:
    """A site and the backend behind it, each a process that may die; `line` counts what the site asks."""

    def __init__(self, folder: Path, line: Relay) -> None:
        self.folder, self.line, self.port = folder, line, free_port()
        self.killed_at = 0.0
        self.backend: subprocess.Popen[bytes]
        self.site: Site
        self._start_backend()
        self._start_site()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self, what: str) -> None:
        """And start it again at once."""
        if what == "site":
            running.remove(self.site)
            self.site.process.send_signal(signal.SIGKILL)
            self.killed_at = time.monotonic()
            self.site.process.wait()
            self._start_site()
        else:
            self.backend.send_signal(signal.SIGKILL)
            self.killed_at = time.monotonic()
            self.backend.wait()
            self._start_backend()

    def end(self) -> None:
        for process in (self.backend, self.site.process):
            process.kill()
            process.wait()
        running.remove(self.site)

    def _start_site(self) -> None:
        self.site = started(self.folder, (f"{self.line.url}/v1", KEY), port=self.port)
        running.append(self.site)
        until(self.site._answers, "a healthy site")

    def _start_backend(self) -> None:
        command = [sys.executable, "-m", "embedded", "--port", str(self.line.target), "--api-key", KEY]
        data = ["--data", str(self.folder / "backend")]
        self.backend = subprocess.Popen([*command, *data], cwd=ROOT, stdout=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{self.line.target}/healthz"

        def healthy() -> bool:
            assert self.backend.poll() is None
            with suppress(httpx.TransportError):
                return httpx.get(address, trust_env=False).status_code == 200
            return False

        until(healthy, "a healthy backend")

    # What is on the disks

    def rows(self, query: str) -> int:
        """How often the backend has this question."""
        with closing(sqlite3.connect(self.folder / "backend" / "embedded.sqlite3")) as db:
            (count,) = db.execute("select count(*) from messages where query = ?", (query,)).fetchone()
        return int(count)

    def unfinished(self) -> int:
        with closing(sqlite3.connect(self.site.data / "console.sqlite3")) as db:
            marks = ", ".join("?" * len(OPEN_STATES))
            (count,) = db.execute(
                f"select count(*) from turns where state in ({marks})", OPEN_STATES
            ).fetchone()
        return int(count)


@dataclass
class Asked:
    """One question, and what its reader has seen of the answer."""

    query: str
    key: str
    cookie: dict[str, str]
    acknowledged: bool = False
    seen: list[tuple[float, str]] = field(default_factory=list)
    """(when, the whole text then)"""
    lost: float = 0.0
    """Seconds of text."""
    over: threading.Event = field(default_factory=threading.Event)

    def turns(self, url: str) -> list[dict[str, Any]]:
        """What a reader who comes now is shown."""
        for event, data in self._events(url):
            if event == "snapshot":
                return list(data["turns"])
        return []

    def read(self, url: str) -> None:
        """In a thread: note down the answer as it grows, whatever becomes of the site."""
        while not self.over.is_set():
            with suppress(httpx.HTTPError):
                text = ""
                for event, data in self._events(url):
                    mine = (
                        [t for t in data["turns"] if t["query"] == self.query] if event == "snapshot" else []
                    )
                    if mine:
                        text = mine[0].get("answer", "")
                    elif event == "text":
                        text += data if isinstance(data, str) else data[1]
                    elif event == "turn" and "answer" in data:
                        text = data["answer"]
                    self.seen.append((time.monotonic(), text))
                    if self.over.is_set():
                        return
            self.over.wait(0.1)

    def missing(self, shown: str, killed_at: float) -> float:
        """Seconds of text that had been read before the kill and are not in what is shown after it."""
        lost = [when for when, text in self.seen if when <= killed_at and not shown.startswith(text)]
        return killed_at - min(lost) if lost else 0.0

    def _events(self, url: str) -> Iterator[tuple[str, Any]]:
        stream = httpx.stream(
            "GET", f"{url}/live/{self.key}", cookies=self.cookie, trust_env=False, timeout=20
        )
        with stream as response:
            if response.status_code != 200:
                return
            fields = {"event": "text"}
            for line in response.iter_lines():
                if not line and "data" in fields:
                    yield fields["event"], json.loads(fields["data"])
                name, _, value = line.partition(":")
                fields = fields | {name: value.strip()} if line else {"event": "text"}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Relay(free_port()) as line:
        machine = Machine(tmp_path, line)
        yield machine
        machine.end()


def asked(person: Person, query: str) -> Asked | None:
    """Type it into a new chat and press Enter, whether or not anybody is there to take it."""
    try:
        person.page.goto(person.home)
        expect(person.composer).to_be_enabled(timeout=15_000)
        key = person.key
        person.composer.fill(query)
        person.composer.press("Enter")
    except (Error, AssertionError):
        return None  # the site was away
    return Asked(query, key, person.cookie)


def acknowledged(person: Person, asked: Asked) -> None:
    with suppress(AssertionError):
        expect(person.question()).to_have_text(asked.query, timeout=3_000)
        asked.acknowledged = True


@contextmanager
def a_kill(machine: Machine, what: str, after: float) -> Iterator[None]:
    """Some time from now, while the block goes on; both are up again when it is left."""
    problems: list[BaseException] = []

    def kill() -> None:
        try:
            time.sleep(after)
            machine.kill(what)
        except BaseException as error:  # noqa: BLE001 - told to the test
            problems.append(error)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert problems == []


def survive(
    machine: Machine, arrive: Arrive, kills: list[str], dice: random.Random, people: int
) -> list[Asked]:
    everything: list[Asked] = []
    somebody = [arrive(machine.url) for _ in range(people)]
    for person in somebody:
        person.chat()
        person.expects_trouble()
    for round_, what in enumerate(kills):
        fresh: list[Asked] = []
        with a_kill(machine, what, dice.uniform(0.2, 4.5)):
            for number, person in enumerate(somebody):
                chunks = dice.choice([20, 150, 400])
                one = asked(person, f"demo: bench {chunks} 50 6 kill-{round_}-{number}")
                if one is None:
                    continue
                acknowledged(person, one)
                threading.Thread(target=one.read, args=(machine.url,), daemon=True).start()
                fresh.append(one)
        for one in fresh:
            if one.acknowledged:
                check_nothing_missing(machine, one)
        everything += fresh
    return everything


def check_nothing_missing(machine: Machine, one: Asked) -> None:
    """What somebody had read a second before the kill is there after it."""
    shown = [turn for turn in one.turns(machine.url) if turn["query"] == one.query]
    assert len(shown) == 1, f"{one.query}: {len(shown)} times on the page"
    one.lost = one.missing(shown[0].get("answer", ""), machine.killed_at)
    assert one.lost <= 1.0, f"{one.query}: {one.lost:.2f} s of text are missing"


def check_once_each(machine: Machine, everything: list[Asked]) -> None:
    for one in everything:
        assert machine.rows(one.query) <= 1, f"{one.query} was asked twice"
    assert machine.line.count("POST", "/v1/chat-messages") <= len(everything)
    assert "Traceback" not in machine.site.log


def test_two_kills(machine: Machine, arrive: Arrive) -> None:
    everything = survive(machine, arrive, ["site", "backend"], random.Random(7), 2)
    check_once_each(machine, everything)
    assert any(one.acknowledged for one in everything)
    for one in everything:
        one.over.set()


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_twenty_kills(machine: Machine, arrive: Arrive) -> None:
    seed = random.randrange(10_000)
    dice = random.Random(seed)
    kills = ["site", "backend"] * 10
    dice.shuffle(kills)
    everything = survive(machine, arrive, kills, dice, 3)
    check_once_each(machine, everything)
    deadline = time.monotonic() + FINALLY
    while machine.unfinished() and time.monotonic() < deadline:
        time.sleep(1)
    assert machine.unfinished() == 0
    states: dict[str, int] = {}
    for one in everything:
        one.over.set()
        shown = [turn for turn in one.turns(machine.url) if turn["query"] == one.query]
        assert len(shown) == 1 or not one.acknowledged, one.query
        for turn in shown:
            assert turn["state"] in FINAL, one.query
            states[turn["state"]] = states.get(turn["state"], 0) + 1
    check_once_each(machine, everything)
    known = [one for one in everything if one.acknowledged]
    print(f"seed {seed}: {len(kills)} kills, {len(everything)} asked, {len(known)} acknowledged, {states}")
    print(f"{machine.line.count('POST', '/v1/chat-messages')} POSTs")
    print(f"missing at most {max(one.lost for one in known):.2f} s of text")
    print(f"{sum(bool(one.seen and one.seen[-1][1]) for one in known)} read while they arrived")
