"""People with accounts: from the one-time password to signing out everywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.browser.test_accessibility import faultless
from tests.site import ROOT, Site, served
from tests.upstream import Answer, Gate, Upstream

GOOD = "correct horse battery"


@pytest.fixture(scope="module")
def guarded(scripted: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("accounts")
    with served(folder, (scripted.url, scripted.key), AUTH="accounts") as running:
        yield running


def given(site: Site, role: str, name: str) -> str:
    """The one-time password that the command prints."""
    command = [sys.executable, "-m", "services.accounts", role, name]
    environ = {**os.environ, "DATA_DIR": str(site.data)}
    said = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0].rpartition(" ")[2]


def sign_in(person: Person, name: str, password: str) -> None:
    page = person.page
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def at(page: Page, path: str) -> None:
    expect(page).to_have_url(re.compile(rf"//[^/]+{re.escape(path)}($|\?)"))


def drafts(page: Page) -> str:
    return str(page.evaluate("JSON.stringify({...localStorage})"))


def test_from_the_first_password_to_signing_out_everywhere(
    arrive: Arrive, guarded: Site, dify: Upstream
) -> None:
    first = given(guarded, "admin", "ada")
    ada, elsewhere = arrive(guarded.url), arrive(guarded.url)
    ada.expects_trouble()  # a refused password is a 401, and so is every request after signing out
    elsewhere.expects_trouble()

    ada.open("/history?app=app")
    sign_in(ada, "ada", "some other password")
    expect(ada.page.get_by_role("alert")).to_contain_text("do not match")
    sign_in(ada, "Ada", first)
    page = ada.page
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    page.get_by_label("One-time password").fill(first)
    page.get_by_label("New password", exact=True).fill(GOOD)
    page.get_by_label("New password, again").fill(GOOD)
    page.get_by_role("button", name="Save password").click()
    at(page, "/history")
    expect(page.get_by_role("heading", name="History")).to_be_visible()

    gate = Gate()
    dify.next(Answer("The beginning ", gate, "and the end."))
    ada.chat()
    ada.ask("hello")
    ada.sees("The beginning")
    address = urlsplit(ada.page.url)
    elsewhere.open(f"{address.path}?{address.query}")
    sign_in(elsewhere, "ada", GOOD)
    elsewhere.sees("The beginning")
    elsewhere.composer.fill("half a thought")

    ada.composer.fill("a secret thought")
    expect(ada.page.locator("summary").filter(has_text="ada")).to_be_visible()
    with ada.context.expect_page():
        other_tab = ada.context.new_page()
    other_tab.goto(ada.page.url)
    expect(other_tab.locator("summary").filter(has_text="ada")).to_be_visible()
    ada.page.get_by_role("button", name="Notes", exact=True).click()
    ada.page.get_by_role("textbox", name="Write a note").fill("a secret note")
    ada.page.get_by_role("button", name="Close", exact=True).click()
    ada.page.locator("summary").filter(has_text="ada").click()
    expect(ada.page.get_by_text("Administrator")).to_be_visible()
    ada.page.get_by_role("button", name="Sign out everywhere").click()
    for tab in (ada.page, other_tab):
        at(tab, "/signin")
        assert "secret" not in drafts(tab)

    # The other browser is out too, at once: nothing of it stands there any more, and nothing can be sent.
    again = elsewhere.page.get_by_role("status").get_by_role("link", name="Sign in again")
    expect(again).to_be_visible()
    expect(elsewhere.page.get_by_text("The beginning")).to_have_count(0)
    expect(elsewhere.composer).to_have_count(0)
    assert [asked.body["query"] for asked in dify.asked] == ["hello"]
    gate.open()
    again.click()
    sign_in(elsewhere, "ada", GOOD)
    elsewhere.gets("The beginning and the end.")
    expect(elsewhere.composer).to_have_value("half a thought")


def chosen_password(person: Person, first: str) -> None:
    page = person.page
    page.get_by_label("One-time password").fill(first)
    page.get_by_label("New password", exact=True).fill(GOOD)
    page.get_by_label("New password, again").fill(GOOD)
    page.get_by_role("button", name="Save password").click()


def chosen(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option).click()


def test_an_admins_day(arrive: Arrive, guarded: Site, dify: Upstream) -> None:
    first = given(guarded, "admin", "dan")
    dan, ben = arrive(guarded.url), arrive(guarded.url)
    ben.expects_trouble()  # every request after the session is ended is a 401
    page = dan.open("/admin")
    sign_in(dan, "dan", first)
    chosen_password(dan, first)
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    page.get_by_role("button", name="New account").click()
    page.get_by_label("Name", exact=True).fill("ben")
    chosen(page, "Role", "Viewer")
    page.get_by_role("button", name="Make account").click()
    password = page.get_by_test_id("stCode").inner_text().strip()
    expect(page.get_by_role("button", name="Copy to clipboard")).to_be_visible()  # without a pointer over it
    page.get_by_role("button", name="I have passed it on").click()
    expect(page.get_by_text(password)).to_have_count(0)

    ben.open("/")
    sign_in(ben, "ben", password)
    chosen_password(ben, password)
    expect(ben.page.get_by_text("Your role is viewer")).to_be_visible()
    expect(ben.page.get_by_role("button", name="New chat")).to_have_count(0)
    expect(ben.composer).to_have_count(0)

    # The tab that is open notices, though nobody touches it.
    chosen(page, "Role of ben", "agent")
    ben.ready()
    ben.ask("May I?")
    ben.gets("Echo: May I?")
    chosen(page, "Role of ben", "viewer")
    expect(ben.composer).to_have_count(0)
    ben.page.get_by_role("button", name="Options").click()
    expect(ben.page.get_by_role("menuitem")).to_have_text(["Export…"])
    ben.page.keyboard.press("Escape")

    faultless(dan, "accounts")
    page.get_by_text("Sessions", exact=True).click()
    box = page.get_by_test_id("stVerticalBlock").filter(has_text="ben").last
    expect(page.get_by_text("this is yours")).to_be_visible()
    box.get_by_role("button", name="End").click()
    out = ben.page.get_by_role("status").get_by_role("link", name="Sign in again")
    expect(out).to_be_visible()
    expect(ben.page.get_by_text("May I?")).to_have_count(0)

    page.get_by_text("Audit trail", exact=True).click()
    table = page.get_by_role("table")
    for told in ("Account made", "Signed in", "Own password changed", "Role changed", "Session ended"):
        expect(table.get_by_role("row").filter(has_text="ben").filter(has_text=told).first).to_be_visible()
    page.mouse.move(0, 0)  # Streamlit's own colours under a pointer are a little too pale
    faultless(dan, "the audit trail")
    page.get_by_label("About contains").fill("ben")
    page.get_by_label("About contains").press("Enter")
    link = page.get_by_role("link", name="Export as CSV")
    expect(link).to_have_attribute("href", re.compile("about=ben"))
    rows = dan.context.request.get(f"{guarded.url}/{link.get_attribute('href')}").text()
    assert "account.role" in rows
    assert password not in rows + guarded.log
    assert ben.context.request.get(f"{guarded.url}/audit.csv").status == 401
