"""Several apps on one site, as a person uses them: two that answer and one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import Site, served, until
from tests.upstream import Upstream

SALES_KEY = "app-CANARYsales5d1"


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream, Upstream]]:
    with Upstream() as support, Upstream(key=SALES_KEY) as sales, Upstream() as away:
        sales.info, sales.site = (
            {**sales.info, "mode": "advanced-chat"},
            {**sales.site, "title": "Sales desk"},
        )
        away.key = "another"
        environ = {
            "DIFY_APPS": "support,sales,old-desk",
            "DIFY_SUPPORT_BASE_URL": support.url,
            "DIFY_SUPPORT_API_KEY": support.key,
            "DIFY_SUPPORT_NAME": "Support desk",
            "DIFY_SALES_BASE_URL": sales.url,
            "DIFY_SALES_API_KEY": sales.key,
            "DIFY_OLD_DESK_BASE_URL": away.url,
            "DIFY_OLD_DESK_API_KEY": "app-CANARYwrong",
        }
        with served(tmp_path_factory.mktemp("desks"), **environ) as site:
            yield site, support, sales


def chosen(person: Person, name: str | re.Pattern[str]) -> Locator:
    """Open the switcher; the app of this name in it."""
    person.page.get_by_test_id("stSidebar").get_by_test_id("stMenuButton").get_by_role("button").click()
    return person.page.get_by_role("menuitem", name=name)


def at(person: Person, name: str) -> None:
    expect(person.page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_day_at_two_desks(desks: tuple[Site, Upstream, Upstream], arrive: Arrive) -> None:
    site, support, sales = desks
    person = arrive(site.url)
    person.chat()
    at(person, "Support desk")
    expect(person.page).to_have_url(re.compile(r"\?app=support&c=~"))
    person.composer.fill("a draft for support")
    chosen(person, re.compile("Sales desk")).click()
    at(person, "Sales desk")
    person.ready()
    expect(person.composer).to_have_value("")
    person.ask("a question for sales")
    person.gets("Echo: a question for sales")
    sold = person.sees_named_address()
    rows = person.page.get_by_role("navigation", name="Conversations")
    expect(rows.get_by_role("listitem")).to_have_count(1)

    # Every page stays with the app, and the way back is the browser's own.
    person.page.get_by_role("link", name="History").click()
    expect(person.page).to_have_url(f"{site.url}/history?app=sales")
    person.page.get_by_role("link", name="Chat", exact=True).click()
    person.gets("Echo: a question for sales")
    chosen(person, re.compile("Support desk")).click()
    at(person, "Support desk")
    person.ready()
    expect(person.composer).to_have_value("a draft for support")
    expect(rows.get_by_role("listitem")).to_have_count(0)
    person.page.go_back()
    at(person, "Sales desk")
    person.gets("Echo: a question for sales")

    # An address opens the conversation of its app, and no other app's.
    with person.another_tab(f"/?app=sales&c={sold}"):
        person.gets("Echo: a question for sales")
        person.open("/?app=nothing")
        expect(person.page.get_by_text("There is no such app on this site")).to_be_visible()

    # The third one's key is refused, which is its own trouble.
    until(lambda: "app old-desk refuses its API key" in site.log)
    person.page.reload()
    broken = chosen(person, re.compile("Old desk.*key refused"))
    broken.click()
    expect(person.page.get_by_role("alert").filter(has_text="API key is not accepted")).to_be_visible()
    person.page.get_by_role("button", name="About this app").click()
    expect(person.page.get_by_text("An administrator must replace it.")).to_be_visible()
    expect(person.page.get_by_text(re.compile("Since .* asked last"))).to_be_visible()
    assert not any(key in person.page.content() for key in (SALES_KEY, support.key, "app-CANARYwrong"))
    chosen(person, re.compile("Support desk")).click()
    person.ready()
    assert [asked.body["query"] for asked in sales.asked] == ["a question for sales"]
    assert support.asked == []
    assert not any(key in site.log for key in (SALES_KEY, support.key, "app-CANARYwrong"))
    person.leave()
