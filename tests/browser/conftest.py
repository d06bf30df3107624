"""Fixtures: one Chromium and two sites for the whole session, one person per test.

`site` talks to a scripted Dify through a relay; `demo_site` to the embedded backend. Tests that end a site,
or need one of its own configuration, start it with tests.site.served. A failing test leaves pictures and the
console of every page in test-results/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import browser as chromium
from tests.browser.person import MS, Person
from tests.relay import Relay
from tests.site import ROOT, Site, served
from tests.site import running as started
from tests.upstream import Upstream

RESULTS = ROOT / "test-results"
Arrive = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=MS)
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def scripted() -> Iterator[Upstream]:
    """The Dify behind `site`; tests take it as `dify`."""
    with Upstream() as dify:
        dify.parameters = {
            "opening_statement": "Hello {{nick}}, I am **{{role}}**. Ask me{{nothing}}!",
            "suggested_questions": ["What can you do?", 'Is "a < b" & why?'],
            "user_input_form": [
                {"text-input": {"variable": "nick", "label": "Nickname", "default": "friend"}},
                {"select": {"variable": "role", "label": "Role", "options": ["guide"], "default": "guide"}},
            ],
        }
        yield dify


@pytest.fixture(scope="session")
def wire(scripted: Upstream) -> Iterator[Relay]:
    """The network between `site` and its Dify; tests take it as `line`."""
    with Relay(scripted.port) as relay:
        yield relay


@pytest.fixture(scope="session")
def site(scripted: Upstream, wire: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("site"), (f"{wire.url}/v1", scripted.key)) as running:
        yield running


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def dify(scripted: Upstream) -> Iterator[Upstream]:
    """As if it had just started: nothing scripted, nothing asked yet."""
    scripted.forget()
    yield scripted
    scripted.forget()


@pytest.fixture
def line(wire: Relay) -> Iterator[Relay]:
    wire.forget()
    yield wire
    wire.forget()


@pytest.fixture
def arrive(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Arrive]:
    """Makes people: `arrive(site.url)` and options of a browser context. Nobody may meet any trouble."""
    people: list[Person] = []

    def arrived(home: str, **options: Any) -> Person:
        people.append(Person(browser, home, **options))
        return people[-1]

    yield arrived
    if request.node.stash.get(FAILED, True):
        name = re.sub(r"\W+", "-", request.node.name)
        RESULTS.mkdir(exist_ok=True)
        for number, person in enumerate(people):
            _keep_evidence(f"{name}-{number}", person)
        for number, running in enumerate(started):
            (RESULTS / f"{name}-site-{number}.log").write_text(running.log[-20_000:], encoding="utf-8")
    for person in people:
        person.leave()
    assert [trouble for person in people for trouble in person.trouble] == []


@pytest.fixture
def person(arrive: Arrive, site: Site, dify: Upstream, line: Relay) -> Person:
    """Somebody who has just opened the site with the scripted Dify."""
    somebody = arrive(site.url)
    somebody.chat()
    return somebody


@pytest.fixture
def visitor(arrive: Arrive, demo_site: Site) -> Person:
    """Somebody who has just opened the site with the embedded backend."""
    somebody = arrive(demo_site.url)
    somebody.chat()
    return somebody


def _keep_evidence(name: str, person: Person) -> None:
    said = [*person.console, "", "trouble:", *person.trouble]
    (RESULTS / f"{name}.log").write_text("\n".join(said), encoding="utf-8")
    for number, page in enumerate(person.context.pages):
        page.screenshot(path=RESULTS / f"{name}-{number}.png", timeout=5_000)
