"""Hours of people who come, do what people do, and leave: what they needed goes with them.

SOAK_MINUTES says how long (30). After a warm-up, which fills what is kept for a while, the site and its
backend may not have more of anything once everybody has left.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services import shelf
from tests.browser.conftest import Arrive
from tests.browser.person import MS, Person
from tests.browser.test_apps import at, chosen
from tests.browser.test_personas import SPECIAL
from tests.browser.test_question import NOTES, PNG, pick
from tests.probe import Probed, Seen
from tests.site import Site, served

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
WARM_UP, LOOKS = 0.4, 3
"""The part of the time after which is looked for the first time, and how often from there on."""
CLOSED, QUIET = 60, 75
"""Seconds for which Streamlit keeps the session of a tab that was closed, and until it surely is gone."""
PEOPLE = 3
"""At the same time."""
PAGES = (
    "History",
    "Variables",
    "Annotations",
    "Feedback",
    "Gaps",
    "Work",
    "People",
    "Numbers",
    "Administration",
)
KEPT = {
    "memory": 12_000_000,
    "threads": 6,
    "files": 10 + shelf.MOST,
}
"""By how much each may differ between two quiet moments: pools and caches breathe."""


def of_the_chat(person: Person) -> Iterator[None]:
    """Asks, rates, stops, reloads, goes to another conversation and back."""
    person.chat()
    person.ask("How do I stop an answer?")
    yield
    person.sees_state("complete")
    person.turn().get_by_role("button", name="Good answer").click()
    first = person.sees_named_address()
    person.ask("demo: bench 4000 60 4")
    yield
    person.stop.click()
    person.sees_state("stopped")
    person.page.reload()
    person.sees_state("stopped")
    yield
    person.page.get_by_role("button", name="New chat").click()
    expect(person.turns).to_have_count(0)
    person.ready()
    person.ask("demo: bench 60 60 400")
    yield
    person.sees_state("complete")
    person.chat(f"/?c={first}")
    expect(person.turns).to_have_count(2)


def of_the_files(person: Person) -> Iterator[None]:
    """Picks files, sends them, picks others and takes them away."""
    person.chat("/?app=agent")
    pick(person.page, PNG, NOTES)
    yield
    person.ask("Draw a red circle")
    yield
    person.sees_state("complete")
    pick(person.page, NOTES)
    below = person.page.get_by_test_id("stBottom")
    below.get_by_role("button", name="Remove").click()
    expect(below.get_by_role("button", name="Remove")).to_have_count(0)


def of_the_apps(person: Person) -> Iterator[None]:
    """One question to each of those that ask for nothing first."""
    person.chat()
    for name in ("Agent", "Chatflow", "Speaking guide", "Plain chat"):
        chosen(person, name).click()
        at(person, name)
        person.ready()
        expect(person.turns).to_have_count(0)  # those of the app before go a moment later
        SPECIAL[name](person)
        yield


def of_the_pages(person: Person) -> Iterator[None]:
    """Looks at every page, and leaves in the middle of an answer."""
    person.chat()
    person.ask("demo: bench 30 30 40")
    yield
    person.sees_state("complete")
    for name in PAGES:
        person.page.get_by_role("link", name=name, exact=True).click()
        expect(person.page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(person.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        yield
    person.page.get_by_role("link", name="Chat", exact=True).click()
    person.ready()
    person.ask("demo: bench 500 60 40")
    yield


JOURNEYS = (of_the_chat, of_the_files, of_the_apps, of_the_pages)


def visits(arrive: Arrive, site: Site, until: float) -> int:
    """People come, PEOPLE at a time, until that moment of time.monotonic(); how many there were."""
    there: list[tuple[Person, Iterator[None]]] = []
    came = 0
    while there or time.monotonic() < until:
        while len(there) < PEOPLE and time.monotonic() < until:
            person = arrive(site.url)
            there.append((person, JOURNEYS[came % len(JOURNEYS)](person)))
            came += 1
        person, journey = there.pop(0)
        try:
            next(journey)
            there.append((person, journey))
        except StopIteration:
            person.leave()
    return came


def left_behind(data: Path) -> Counter[str]:
    """Files in the data folder by kind that nobody has a use for after everybody has gone."""
    return Counter(
        path.parent.name
        for path in data.rglob("*")
        if path.is_file() and (path.suffix == ".new" or "pending" in path.parts)
    )


@pytest.mark.soak
@pytest.mark.timeout(MINUTES * 60 + 1800)
def test_nobody_leaves_anything_behind(arrive: Arrive, tmp_path: Path) -> None:
    expect.set_options(timeout=4 * MS)  # one slow moment in an hour is no news
    probed = Probed(tmp_path / "probed")
    seen: list[dict[str, Seen]] = []
    options = ("--server.disconnectedSessionTTL", str(CLOSED))
    with served(tmp_path / "site", None, *options, **probed.environ) as site:
        (backend,) = site.children
        for number in range(LOOKS + 1):
            share = (1 - WARM_UP) / LOOKS if number else WARM_UP
            came = visits(arrive, site, time.monotonic() + share * MINUTES * 60 - QUIET)
            time.sleep(QUIET)
            last = arrive(site.url)  # Streamlit forgets the sessions of before when another one ends
            last.chat()
            last.leave()
            time.sleep(5)
            seen.append({"site": probed.look(site.process.pid), "backend": probed.look(backend)})
            for name, now in seen[-1].items():
                print(f"look {number}, after {came} people more, {name}: {now}", flush=True)
                if number:
                    print(f"    more than at first: {now.beyond(seen[0][name])}", flush=True)
            print(f"    files left: {left_behind(site.data)}", flush=True)
        assert site.children == {backend}
        assert not left_behind(site.data)
    for name, first in seen[0].items():
        more = seen[-1][name].beyond(first)
        for what, most in KEPT.items():
            assert getattr(more, what) <= most, f"{name}: {what} has grown: {more}"
